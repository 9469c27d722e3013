import { MutationObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { ApiError } from "./client";
import { refetch } from "./outdated";

const queryKey = ["story"];

/** A story on the screen whose fetch does not end, and a change of it. */
function change(mutationFn: () => Promise<string>) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const fetch = vi.fn(() => new Promise<number>(() => undefined));
  client.setQueryData(queryKey, 0);
  new QueryObserver(client, { queryKey, queryFn: fetch }).subscribe(() => undefined);
  const mutation = new MutationObserver(client, { mutationFn, onSettled: refetch(client, queryKey) });
  const isOver = vi.fn();
  void mutation.mutate().then(isOver, isOver);
  return { fetch, isOver };
}

test.each([0, 500, 503])("a change that fails with %i is told of at once", async (status) => {
  const { fetch, isOver } = change(() => Promise.reject(new ApiError(status, "No.")));
  await vi.waitFor(() => expect(isOver).toHaveBeenCalledWith(new ApiError(status, "No.")));
  expect(fetch).toHaveBeenCalledOnce();
});

test.each([
  { what: "goes well", end: () => Promise.resolve("Yes.") },
  { what: "is refused", end: () => Promise.reject(new ApiError(400, "Not so.")) },
])("a change that $what is over when what it changed was fetched", async ({ end }) => {
  const { fetch, isOver } = change(end);
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledOnce());
  expect(isOver).not.toHaveBeenCalled();
});
