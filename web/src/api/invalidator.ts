/**
 * Fetches again what is out of date: for each key one fetch at a time, and one more when it was asked for
 * meanwhile. Begun anew at each event of a busy batch, the fetch of a long story would never end.
 */
import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";

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
      await client.invalidateQueries({ queryKey });
    } while (running.get(name));
    running.delete(name);
  };
}
