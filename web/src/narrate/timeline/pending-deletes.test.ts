import { beforeEach, expect, test, vi } from "vitest";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { UNDO_MS } from "@/ui/pending-deletes";
import { toast } from "@/ui/toast";
import { FakeServer, PROJECT, segmentOf } from "./fake-server";
import { deleteLater, flushDeletes, undoDelete, usePendingDeletes } from "./pending-deletes";
import { visibleSegments } from "./visible-project";

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
  queryClient.clear();
  server = new FakeServer(["a", "b", "c"].map((id) => segmentOf(id)));
  server.load();
  return async () => {
    await flushDeletes();
    usePendingDeletes.setState({ hidden: new Set() });
    vi.useRealTimers();
  };
});

const shown = () => visibleSegments(PROJECT).map(({ id }) => id);
const deleted = () => server.sent("DELETE").map(({ path }) => path);
const remove = (id: string, onUndo = vi.fn()) => deleteLater(segmentOf(id), 1, onUndo);

test("a segment is gone from the page at once and from the server when it can no longer be undone", async () => {
  remove("b");
  expect(shown()).toEqual(["a", "c"]);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(deleted()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(deleted()).toEqual(["/api/segments/b/"]);
  expect(shown()).toEqual(["a", "c"]);
});

test("undo brings it back and nothing is sent", async () => {
  const onUndo = vi.fn();
  remove("b", onUndo);
  expect(undoDelete()).toBe(true);
  expect(onUndo).toHaveBeenCalledOnce();
  expect(shown()).toEqual(["a", "b", "c"]);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleted()).toEqual([]);
});

test("of several the last is undone first, and none when there is none left", () => {
  remove("a");
  remove("b");
  undoDelete();
  expect(shown()).toEqual(["b", "c"]);
  undoDelete();
  expect(shown()).toEqual(["a", "b", "c"]);
  expect(undoDelete()).toBe(false);
});

test("each of several can be undone by its own toast", async () => {
  remove("a");
  remove("b");
  undoDelete("a");
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleted()).toEqual(["/api/segments/b/"]);
  expect(shown()).toEqual(["a", "c"]);
});

test("deleting twice sends one request", async () => {
  remove("a");
  remove("a");
  await flushDeletes();
  expect(deleted()).toHaveLength(1);
});

test("flushing sends all now and waits for them", async () => {
  const open = server.hold("DELETE", "/a/");
  remove("a");
  remove("b");
  let isDone = false;
  const flushed = flushDeletes().then(() => (isDone = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(deleted()).toHaveLength(2);
  expect(isDone).toBe(false);
  open();
  await flushed;
  expect(server.segments.map(({ id }) => id)).toEqual(["c"]);
});

test("flushing waits for a request that was sent before", async () => {
  const open = server.hold("DELETE", "/a/");
  remove("a");
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  let isDone = false;
  const flushed = flushDeletes().then(() => (isDone = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(isDone).toBe(false);
  open();
  await flushed;
});

test("leaving sends requests that outlive the page", async () => {
  remove("a");
  await flushDeletes(true);
  expect(server.sent("DELETE")).toMatchObject([{ keepalive: true }]);
});

test("a failure brings the segment back and says why", async () => {
  const failed = vi.spyOn(toast, "failed");
  server.refuse("DELETE", "/b/", { status: 500, body: { detail: "The disk is away." } });
  remove("b");
  await flushDeletes();
  expect(shown()).toEqual(["a", "b", "c"]);
  expect(failed.mock.calls[0]?.[1]).toMatchObject({ message: "The disk is away." });
});

test("one that is gone already is no failure", async () => {
  const failed = vi.spyOn(toast, "failed");
  server.segments = server.segments.filter(({ id }) => id !== "b");
  remove("b");
  await flushDeletes();
  expect(failed).not.toHaveBeenCalled();
  expect(shown()).toEqual(["a", "c"]);
});

test("a late answer does not show it again", async () => {
  const before = server.project;
  remove("b");
  await flushDeletes();
  queryClient.setQueryData(keys.project(PROJECT), before);
  expect(shown()).toEqual(["a", "c"]);
});
