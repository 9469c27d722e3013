import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ProjectDetail, Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { toast } from "@/ui/toast";
import { storeDraft } from "./draft-storage";
import {
  discardDraft,
  hasUnsaved,
  restoreDrafts,
  retryDrafts,
  SAVE_AFTER_MS,
  saveAllDrafts,
  saveAllLeaving,
  saveDrafts,
  shownValue,
  typeDraft,
  useDraft,
  useDrafts,
} from "./drafts";
import { FakeServer, PROJECT, segmentOf } from "./fake-server";

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  queryClient.clear();
  useDrafts.setState({ drafts: {} });
  server = new FakeServer([segmentOf("a"), segmentOf("b")]);
  server.load();
  return () => vi.useRealTimers();
});

function cached(id = "a"): Segment {
  const project = queryClient.getQueryData<ProjectDetail>(keys.project(PROJECT));
  const segment = project?.segments.find((one) => one.id === id);
  if (!segment) throw new Error(`no ${id}`);
  return segment;
}

const draft = (field: "text_content" | "image_prompt" = "text_content") =>
  useDrafts.getState().drafts[`a/${field}`];
const shown = () => shownValue(cached(), "text_content", draft());
const type = (value: string) => typeDraft(cached(), "text_content", value);
const patches = () => server.sent("PATCH").map(({ body }) => body);
const pause = () => vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

describe("saving", () => {
  test("what was typed is saved once the typing stops, and not before", async () => {
    type("On");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS - 1);
    type("One");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS - 1);
    expect(patches()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(patches()).toEqual([{ text_content: "One" }]);
    expect(draft()?.status).toBe("saved");
    expect(cached().text_content).toBe("One");
  });

  test("both fields of a segment go in one request", async () => {
    type("One");
    typeDraft(cached(), "image_prompt", "A cat");
    await pause();
    expect(patches()).toEqual([{ text_content: "One", image_prompt: "A cat" }]);
  });

  test("a segment has one request at a time, and the last text typed wins", async () => {
    const open = server.hold("PATCH", "/a/");
    type("One");
    const first = saveDrafts("a");
    type("Two");
    void saveDrafts("a");
    type("Three");
    const last = saveDrafts("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(patches()).toEqual([{ text_content: "One" }]);
    open();
    await Promise.all([first, last]);
    expect(patches()).toEqual([{ text_content: "One" }, { text_content: "Three" }]);
    expect(server.segments[0]?.text_content).toBe("Three");
  });

  test("an answer does not overwrite what was typed since", async () => {
    const open = server.hold("PATCH", "/a/");
    type("One");
    const saved = saveDrafts("a");
    type("One more");
    open();
    await saved;
    expect(shown()).toBe("One more");
    expect(draft()?.status).toBe("unsaved");
    await pause();
    expect(server.segments[0]?.text_content).toBe("One more");
  });

  test("nothing is sent for a segment that is saved", async () => {
    type("One");
    await saveDrafts("a");
    await saveDrafts("a");
    expect(patches()).toHaveLength(1);
  });
});

describe("failing", () => {
  test("keeps the text, says why, and saves it on demand", async () => {
    server.refuse("PATCH", "/a/", { status: 507, body: { detail: "The disk is full." } });
    type("Dear");
    await pause();
    expect(draft()).toMatchObject({ value: "Dear", status: "failed", reason: "The disk is full." });
    expect(shown()).toBe("Dear");
    expect(hasUnsaved("a")).toBe(true);
    await saveDrafts("a");
    expect(server.segments[0]?.text_content).toBe("Dear");
    expect(hasUnsaved("a")).toBe(false);
  });

  test("is mended by itself once the server is back", async () => {
    server.refuse("PATCH", "/a/", new TypeError("Failed to fetch"));
    type("Dear");
    await pause();
    expect(draft()?.status).toBe("failed");
    await retryDrafts();
    expect(draft()?.status).toBe("saved");
  });

  test("is mended by itself once the key was given", async () => {
    server.refuse("PATCH", "/a/", { status: 401, body: { detail: "Incorrect authentication credentials." } });
    type("Dear");
    await pause();
    expect(draft()?.status).toBe("failed");
    await retryDrafts();
    expect(draft()?.status).toBe("saved");
  });

  test("is not tried again by itself when the server refused the text", async () => {
    server.change("a", { is_locked: true });
    type("Dear");
    await pause();
    expect(draft()?.reason).toBe("Segment is locked. Unlock it before changing it.");
    await retryDrafts();
    expect(patches()).toHaveLength(1);
  });

  test("because the segment is gone forgets the draft, and offers its text for as long as it takes", async () => {
    const say = vi.spyOn(toast, "say");
    type("Dear");
    server.segments = [];
    await pause();
    expect(draft()).toBeUndefined();
    expect(localStorage).toHaveLength(0);
    expect(say).toHaveBeenCalledExactlyOnceWith(
      "A segment you were writing in was deleted elsewhere.",
      expect.objectContaining({ label: "Copy text" }),
      Infinity,
    );
  });

  test("can be given up", async () => {
    server.refuse("PATCH", "/a/", { status: 500, body: { detail: "Oops." } });
    type("Dear");
    await pause();
    discardDraft("a", "text_content");
    expect(shown()).toBe("Text of a.");
    expect(localStorage).toHaveLength(0);
  });
});

describe("a newer text of the server", () => {
  const refetch = () => void server.load();

  test("does not overwrite what is being typed", () => {
    type("Mine");
    server.change("a", { text_content: "Theirs" });
    refetch();
    expect(shown()).toBe("Mine");
  });

  test("shows when nothing is unsaved", async () => {
    type("Mine");
    await pause();
    server.change("a", { text_content: "Theirs" });
    refetch();
    expect(shown()).toBe("Theirs");
  });

  test("shows only when it is newer: a late answer with the old text does not", async () => {
    const before = server.project;
    type("Mine");
    await pause();
    queryClient.setQueryData(keys.project(PROJECT), before);
    expect(cached().text_content).toBe("Text of a.");
    expect(shown()).toBe("Mine");
  });
});

describe("leaving", () => {
  test("sends what is unsaved with requests that outlive the page", async () => {
    type("Mine");
    await saveAllLeaving();
    expect(server.sent("PATCH")).toMatchObject([{ keepalive: true, body: { text_content: "Mine" } }]);
  });

  test("does not wait for a request that is under way", async () => {
    const open = server.hold("PATCH", "/a/");
    type("One");
    const first = saveDrafts("a");
    type("Two");
    const last = saveAllLeaving();
    await vi.advanceTimersByTimeAsync(0);
    expect(patches()).toEqual([{ text_content: "One" }, { text_content: "Two" }]);
    open();
    await Promise.all([first, last]);
  });

  test("sends a text beyond what browsers carry without keepalive", async () => {
    type("x".repeat(100_000));
    await saveAllLeaving();
    expect(server.sent("PATCH")[0]?.keepalive).toBe(false);
  });

  test("within the page saves all segments", async () => {
    type("One");
    typeDraft(cached("b"), "text_content", "Two");
    await saveAllDrafts();
    expect(server.segments.map((one) => one.text_content)).toEqual(["One", "Two"]);
  });
});

describe("a draft of an earlier visit", () => {
  const visit = () => restoreDrafts(server.project);

  test("is saved when the text is still as it was", async () => {
    storeDraft("a", "text_content", { value: "Kept", base: "Text of a." });
    visit();
    expect(shown()).toBe("Kept");
    await vi.advanceTimersByTimeAsync(0);
    expect(server.segments[0]?.text_content).toBe("Kept");
    expect(localStorage).toHaveLength(0);
  });

  test("waits for a person when the text was changed elsewhere", async () => {
    storeDraft("a", "text_content", { value: "Kept", base: "Older." });
    visit();
    await pause();
    expect(patches()).toEqual([]);
    expect(draft()).toMatchObject({ value: "Kept", status: "failed", isConflict: true });
  });

  test("is forgotten when the server has it", () => {
    storeDraft("a", "text_content", { value: "Text of a.", base: "Older." });
    visit();
    expect(draft()).toBeUndefined();
    expect(localStorage).toHaveLength(0);
  });

  test("that cannot be read does no harm", () => {
    localStorage.setItem("parlando.draft.a.text_content", "{");
    visit();
    expect(shown()).toBe("Text of a.");
  });

  test("remembers the text it began with through a failure and more typing", async () => {
    server.refuse("PATCH", "/a/", new TypeError("Failed to fetch"));
    type("One");
    await pause();
    type("One more");
    const stored = localStorage.getItem("parlando.draft.a.text_content") ?? "";
    expect(JSON.parse(stored)).toEqual({ value: "One more", base: "Text of a." });
  });
});

test("typing into one field shows in that field only", () => {
  const renders = vi.fn();
  renderHook(() => {
    renders(useDraft("b", "text_content"));
  });
  act(() => type("One"));
  expect(renders).toHaveBeenCalledTimes(1);
});
