import { beforeEach, expect, test, vi } from "vitest";
import { api } from "@/api/client";
import { queryClient } from "@/query-client";
import { toast } from "@/ui/toast";
import { FakeServer, PROJECT, segmentOf } from "./fake-server";
import { inOrder, moved, moveSegment, orderSettled, useOrders } from "./segment-order";
import { visibleSegments } from "./visible-project";

let server: FakeServer;

beforeEach(() => {
  queryClient.clear();
  useOrders.setState({ orders: {} });
  server = new FakeServer(["a", "b", "c", "d"].map((id) => segmentOf(id)));
  server.load();
});

const shown = () =>
  visibleSegments(PROJECT)
    .map(({ id }) => id)
    .join("");
const stored = () => server.segments.map(({ id }) => id).join("");
const orders = () =>
  server.sent("POST", "reorder").map(({ body }) => (body as { order: string[] }).order.join(""));

/** As the mutation does: its answer comes after what is cached was fetched anew. */
async function send(order: string[]): Promise<void> {
  try {
    await api.POST("/api/segments/reorder/", { body: { project: PROJECT, order } });
  } finally {
    server.load();
  }
}

const move = (id: string, target: string) => moveSegment(PROJECT, id, target, send);
const of = (ids: string) => Array.from(ids, (id) => segmentOf(id));
const ids = (segments: { id: string }[]) => segments.map(({ id }) => id).join("");

test.each([
  ["a", "c", "bcad"],
  ["d", "a", "dabc"],
  ["b", "c", "acbd"],
  ["c", "b", "acbd"],
  ["b", "b", "abcd"],
  ["x", "b", "abcd"],
  ["b", "x", "abcd"],
])("%s goes where %s is", (id, target, expected) => {
  expect(moved(["a", "b", "c", "d"], id, target).join("")).toBe(expected);
});

test("segments the order does not name stay behind the one they follow", () => {
  expect(ids(inOrder(of("xabyc"), ["c", "a", "b"]))).toBe("xcaby");
  expect(ids(inOrder(of("abc"), undefined))).toBe("abc");
  expect(ids(inOrder(of("ac"), ["c", "gone", "a"]))).toBe("ca");
});

test("a move shows at once and is sent", async () => {
  const open = server.hold("POST", "reorder");
  move("a", "c");
  expect(shown()).toBe("bcad");
  open();
  await orderSettled(PROJECT);
  expect(stored()).toBe("bcad");
  expect(useOrders.getState().orders[PROJECT]).toBeUndefined();
});

test("an answer with the old order in between does not make cards jump back", async () => {
  const open = server.hold("POST", "reorder");
  move("a", "c");
  server.load();
  expect(shown()).toBe("bcad");
  open();
  await orderSettled(PROJECT);
});

test("of several moves in a row one is under way, and the last is what remains", async () => {
  const open = server.hold("POST", "reorder");
  move("a", "b");
  move("a", "c");
  move("a", "d");
  await vi.waitFor(() => expect(orders()).toHaveLength(1));
  open();
  await orderSettled(PROJECT);
  expect(orders()).toEqual(["bacd", "bcda"]);
  expect(stored()).toBe("bcda");
});

test("a refusal puts the cards back and says why", async () => {
  const failed = vi.spyOn(toast, "failed");
  server.refuse("POST", "reorder", { status: 500, body: { detail: "The disk is away." } });
  move("a", "c");
  await orderSettled(PROJECT);
  expect(shown()).toBe("abcd");
  expect(failed.mock.calls[0]?.[1]).toMatchObject({ message: "The disk is away." });
});

test("a segment that came from elsewhere meanwhile is no obstacle", async () => {
  server.segments.push(segmentOf("e"));
  move("a", "c");
  await orderSettled(PROJECT);
  expect(orders()).toEqual(["bcad", "bcade"]);
  expect(stored()).toBe("bcade");
});

test("a move to its own place sends nothing", async () => {
  move("a", "a");
  await orderSettled(PROJECT);
  expect(orders()).toEqual([]);
});
