/**
 * Fetches again what is out of date: for each key one fetch at a time, and one more when it was asked for
 * meanwhile. Begun anew at each event of a busy batch, the fetch of a long story would never end; begun again
 * at once, it would keep the machine from speaking, so each is followed by a rest as long.
 */
import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";

/** For one that had to wait for a slow server. */
const REST_MAX_MS = 2_000;

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function invalidator(client: QueryClient): (queryKey: QueryKey) => Promise<void> {
  /** Those being fetched, and whether that is too old by now. */
  const running = new Map<string, boolean>();

  return async (queryKey) => {
    const name = hashKey(queryKey);
    if (running.has(name)) {
      running.set(name, true);
      return;
    }
    do {
      running.set(name, false);
      const began = performance.now();
      await client.invalidateQueries({ queryKey });
      await rest(Math.min(performance.now() - began, REST_MAX_MS));
    } while (running.get(name));
    running.delete(name);
  };
}
