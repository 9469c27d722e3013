import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { ApiError } from "./client";

/** The server, when it answers, says what is wrong with a request; anything else is a server in trouble. */
const isRefusal = (error: Error) => error instanceof ApiError && error.status >= 400 && error.status < 500;

/**
 * For a mutation's onSettled: fetches again what it made outdated. The mutation is over once that is done, so
 * that nothing flickers in between; but a server in trouble is told of at once, and not after all retries.
 */
export function refetch(client: QueryClient, queryKey: QueryKey) {
  return (_answer: unknown, error: Error | null): Promise<void> | undefined => {
    const refetched = client.invalidateQueries({ queryKey });
    return error && !isRefusal(error) ? undefined : refetched;
  };
}
