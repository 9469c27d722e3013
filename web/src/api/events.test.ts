import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serve } from "../../tests/page";
import { makeTask } from "../../tests/task";
import type { Schemas, StudioState } from "./client";
import { HIDDEN_MS, RETRY_MS, useStudio, watchStudio } from "./events";
import { keys } from "./keys";
import { openSession, useSession } from "./session";

type Pull = Schemas["Pull"];

class FakeStream extends EventTarget implements Pick<EventSource, "close" | "readyState"> {
  static readonly CLOSED = 2;
  static all: FakeStream[] = [];
  static get last(): FakeStream {
    const last = FakeStream.all.at(-1);
    if (!last) throw new Error("no stream was opened");
    return last;
  }

  readyState = 0;
  onopen?: () => void;
  onerror?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor(readonly url: string) {
    super();
    FakeStream.all.push(this);
  }
  close() {
    this.readyState = FakeStream.CLOSED;
  }

  /** What a server and a browser do. */
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  tell(state: Partial<StudioState>) {
    const whole = { tasks: [], projects: [], project_count: 0, queue_error: null, pulls: [], ...state };
    this.onmessage?.({ data: JSON.stringify(whole) });
  }
  breakOff() {
    this.readyState = 0;
    this.onerror?.();
  }
  refuse() {
    this.readyState = FakeStream.CLOSED;
    this.onerror?.();
  }
}

let client: QueryClient;
let stop: () => void;

function watch() {
  stop = watchStudio(client);
}

function hide(isHidden: boolean) {
  vi.spyOn(document, "hidden", "get").mockReturnValue(isHidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

/** The names of the queries that were declared outdated since the last look; "all" where none was named. */
async function outdated(): Promise<string[]> {
  await vi.advanceTimersByTimeAsync(0); // what was asked for has ended
  const invalidate = vi.mocked(client.invalidateQueries); // eslint-disable-line @typescript-eslint/unbound-method
  const names = invalidate.mock.calls.map(([filters]) => filters?.queryKey?.join("/") ?? "all");
  invalidate.mockClear();
  return names;
}

function show(id: string, revision: number) {
  client.setQueryData(keys.project(id), { id, revision });
}

const LISTS = "projects/list";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeStream);
  FakeStream.all = [];
  useStudio.setState(useStudio.getInitialState(), true);
  useSession.setState(useSession.getInitialState(), true);
  client = new QueryClient();
  vi.spyOn(client, "invalidateQueries");
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

test("the stream tells the connection, the tasks, and why the queue stands still", () => {
  watch();
  expect(useStudio.getState()).toMatchObject({ connection: "connecting", isKnown: false });
  FakeStream.last.accept();
  const task = makeTask();
  FakeStream.last.tell({ tasks: [task], queue_error: "The disk is full." });
  expect(FakeStream.last.url).toBe("/api/events/");
  expect(useStudio.getState()).toEqual({
    connection: "open",
    isKnown: true,
    tasks: [task],
    queueError: "The disk is full.",
    pulls: [],
  });
});

test("what was got is told, and what could not be got until it is tried again", () => {
  const pull = (model: string, state: Pull["state"]): Pull => ({
    model,
    state,
    step: null,
    bytes_done: 0,
    bytes_total: 100,
    error: state === "failed" ? "No network." : null,
  });
  const told = () => useStudio.getState().pulls.map(({ model, state }) => `${model} ${state}`);
  watch();
  FakeStream.last.tell({ pulls: [pull("a", "downloading"), pull("b", "downloading")] });
  FakeStream.last.tell({ pulls: [pull("a", "done"), pull("b", "failed")] });
  expect(told()).toEqual(["a done", "b failed"]);
  FakeStream.last.tell({ pulls: [] });
  expect(told()).toEqual(["b failed"]);
  FakeStream.last.tell({ pulls: [pull("b", "waiting")] });
  expect(told()).toEqual(["b waiting"]);
});

test("models that changed are fetched again, and the voices that come with them", async () => {
  watch();
  FakeStream.last.tell({ models_revision: 1 });
  await outdated();
  FakeStream.last.tell({ models_revision: 1 });
  expect(await outdated()).toEqual([]);
  FakeStream.last.tell({ models_revision: 2 });
  expect(await outdated()).toEqual(["models", "voices"]);
});

test("a project that is shown is fetched again when it is older than the server's", async () => {
  show("p1", 3);
  watch();
  FakeStream.last.tell({ projects: [{ id: "p1", revision: 4 }], project_count: 1 });
  expect(await outdated()).toEqual(["projects/detail/p1", LISTS]);

  show("p1", 4);
  FakeStream.last.tell({ projects: [{ id: "p1", revision: 4 }], project_count: 1 });
  expect(await outdated()).toEqual([]);
});

test("a project that nobody looks at outdates only the lists", async () => {
  watch();
  FakeStream.last.tell({ projects: [{ id: "p1", revision: 1 }], project_count: 1 });
  await outdated();
  FakeStream.last.tell({ projects: [{ id: "p1", revision: 2 }], project_count: 1 });
  expect(await outdated()).toEqual([LISTS]);
});

test("a project that was deleted outdates itself and the lists", async () => {
  show("p2", 1);
  watch();
  const p1 = { id: "p1", revision: 1 };
  FakeStream.last.tell({ projects: [p1, { id: "p2", revision: 1 }], project_count: 2 });
  await outdated();
  FakeStream.last.tell({ projects: [p1], project_count: 1 });
  expect(await outdated()).toEqual(["projects/detail/p2", LISTS]);
});

test("a project beyond those that are told counts when it is deleted", async () => {
  watch();
  const projects = [{ id: "p1", revision: 1 }];
  FakeStream.last.tell({ projects, project_count: 80 });
  await outdated();
  FakeStream.last.tell({ projects, project_count: 79 });
  expect(await outdated()).toEqual([LISTS]);
});

test("a connection that broke off is lost until it is back; then everything is fetched again", async () => {
  watch();
  FakeStream.last.accept();
  FakeStream.last.breakOff();
  expect(useStudio.getState().connection).toBe("lost");
  expect(await outdated()).toEqual([]);
  FakeStream.last.accept(); // the browser's own attempt
  expect(useStudio.getState().connection).toBe("open");
  expect(await outdated()).toEqual(["all"]);
  expect(FakeStream.all).toHaveLength(1);
});

test("a stream that was refused is tried again after a while", async () => {
  serve(() => ({ status: 503, body: { detail: "Too many streams." } }));
  watch();
  FakeStream.last.refuse();
  await vi.advanceTimersByTimeAsync(RETRY_MS - 1);
  expect(useStudio.getState().connection).toBe("lost");
  expect(FakeStream.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(FakeStream.all).toHaveLength(2);
});

test("without a key it is not tried again before one was given", async () => {
  const calls = serve(({ path }) =>
    path === "/api/session/" ? { status: 204 } : { status: 401, body: { detail: "A key is needed." } },
  );
  watch();
  FakeStream.last.refuse();
  await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
  expect(calls).toHaveLength(1);
  expect(FakeStream.all).toHaveLength(1);
  expect(useSession.getState().isKeyNeeded).toBe(true);
  expect(useStudio.getState().connection).toBe("connecting");

  await openSession("right");
  expect(FakeStream.all).toHaveLength(2);
  expect(useSession.getState()).toMatchObject({ isKeyNeeded: false, isOpen: true });
});

test("a key given in another tab is not asked for any more", async () => {
  serve(() => ({ status: 401, body: { detail: "A key is needed." } }));
  watch();
  FakeStream.last.refuse();
  await vi.advanceTimersByTimeAsync(0);
  expect(useSession.getState()).toMatchObject({ isKeyNeeded: true, isAsking: true });

  hide(true);
  hide(false);
  expect(FakeStream.all).toHaveLength(2);
  FakeStream.last.accept();
  expect(useSession.getState()).toMatchObject({ isKeyNeeded: false, isAsking: false });
});

test("a page that is not seen closes its stream after a while, and opens it when it is", () => {
  watch();
  FakeStream.last.accept();
  hide(true);
  vi.advanceTimersByTime(HIDDEN_MS - 1);
  expect(FakeStream.last.readyState).toBe(1);
  vi.advanceTimersByTime(1);
  expect(FakeStream.last.readyState).toBe(FakeStream.CLOSED);
  hide(false);
  expect(FakeStream.all).toHaveLength(2);
  expect(useStudio.getState().connection).toBe("open");
});

test("a page that is hidden for a moment keeps its stream", () => {
  watch();
  FakeStream.last.accept();
  hide(true);
  hide(false);
  vi.advanceTimersByTime(2 * HIDDEN_MS);
  expect(FakeStream.all).toHaveLength(1);
  expect(FakeStream.last.readyState).toBe(1);
});

test("a stream that was refused while the page was hidden is opened when it is seen", async () => {
  serve(() => ({ status: 503, body: { detail: "Too many streams." } }));
  watch();
  hide(true);
  FakeStream.last.refuse();
  await vi.advanceTimersByTimeAsync(2 * RETRY_MS);
  expect(FakeStream.all).toHaveLength(1);
  hide(false);
  expect(FakeStream.all).toHaveLength(2);
});

test("a page that opens in the background waits until it is seen", () => {
  hide(true);
  watch();
  expect(FakeStream.all).toHaveLength(0);
  hide(false);
  expect(FakeStream.all).toHaveLength(1);
});

test("who watches twice, as React's strict mode does, holds one stream", () => {
  watch();
  stop();
  watch();
  expect(FakeStream.all.map((stream) => stream.readyState)).toEqual([FakeStream.CLOSED, 0]);
});

test("after the end nothing is opened, whatever was under way", async () => {
  serve(() => ({ status: 503, body: { detail: "Too many streams." } }));
  watch();
  FakeStream.last.refuse();
  stop();
  await vi.advanceTimersByTimeAsync(2 * RETRY_MS);
  hide(false);
  expect(FakeStream.all).toHaveLength(1);
});
