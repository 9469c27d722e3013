import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { invalidator } from "./invalidator";

const queryKey = ["story"];

/** A query on the screen whose fetches end when they are told to. */
function shown() {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  let end: () => void = () => undefined;
  const fetch = vi.fn(() => new Promise<number>((resolve) => (end = () => resolve(fetch.mock.calls.length))));
  client.setQueryData(queryKey, 0);
  new QueryObserver(client, { queryKey, queryFn: fetch }).subscribe(() => undefined);
  return { client, fetch, end: () => end() };
}

test("changes that come during a fetch lead to one more, and do not begin it anew", async () => {
  const { client, fetch, end } = shown();
  const invalidate = invalidator(client);

  void invalidate(queryKey);
  void invalidate(queryKey);
  void invalidate(queryKey);
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
  end();
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  end();
  await vi.waitFor(() => expect(client.getQueryData(queryKey)).toBe(2));
  expect(client.isFetching()).toBe(0);

  void invalidate(queryKey);
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(3));
});

test("a fetch is followed by a rest as long as it took", async () => {
  vi.useFakeTimers();
  try {
    const { client, fetch, end } = shown();
    const invalidate = invalidator(client);
    void invalidate(queryKey);
    void invalidate(queryKey);
    await vi.advanceTimersByTimeAsync(300);
    end();
    await vi.advanceTimersByTimeAsync(299);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(fetch).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test("what one key waits for does not hold up another", async () => {
  const { client, fetch } = shown();
  const invalidate = invalidator(client);
  void invalidate(queryKey);
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));

  await expect(invalidate(["other"])).resolves.toBeUndefined();
});
