import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HistoryDetail } from "@/api/history";
import { queryClient } from "@/query-client";
import { useSpeaking } from "@/speak/speaking";
import { useDraft } from "@/speak/draft";
import { UNDO_MS } from "@/ui/pending-deletes";
import { makeEntry, makeTranscript } from "../../tests/history-entry";
import { renderPage } from "../../tests/page";
import { History } from "./history";

/** A server that has these entries, and tells what it was asked. */
function serveHistory(entries: HistoryDetail[], total?: number) {
  const asked: string[] = [];
  let left = entries;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    const { pathname, search, searchParams } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    if (pathname === "/api/settings/")
      return Response.json({
        ...{ default_voice_id: "af_bella", tts_speed: 1, engine: "auto", updated_at: "" },
        ...{ history_enabled: true, history_retain_audio: true },
        ...{ history_max_entries: 1000, history_max_mb: 2000 },
        ...((request.method === "PATCH" ? await request.clone().json() : {}) as object),
      });
    const id = /^\/api\/history\/([^/]+)\/$/.exec(pathname)?.[1];
    if (request.method === "DELETE") {
      const gone = id === undefined ? left : left.filter((one) => one.id === id);
      left = left.filter((one) => !gone.includes(one));
      return id === undefined ? Response.json({ deleted: gone.length }) : new Response(null, { status: 204 });
    }
    if (id !== undefined) {
      const entry = left.find((one) => one.id === id);
      return entry ? Response.json(entry) : Response.json({ detail: "Not found." }, { status: 404 });
    }
    const type = searchParams.get("type");
    const items = left.filter((one) => type === null || one.type === type);
    return Response.json({
      items,
      total: total ?? items.length,
      limit: 25,
      offset: 0,
      bytes: 48_000,
    });
  });
  return asked;
}

function Address() {
  const { pathname, search } = useLocation();
  return <p data-testid="address">{pathname + search}</p>;
}

const show = (path = "/history") =>
  renderPage(
    <>
      <History />
      <Address />
    </>,
    { path },
  );

const address = () => screen.getByTestId("address").textContent;
const titles = () =>
  screen.getAllByRole("article").map((one) => within(one).getAllByRole("button")[1]?.textContent);
const menu = async (title: string, action: string) => {
  await userEvent.click(await screen.findByRole("button", { name: `More about “${title}”` }));
  await userEvent.click(screen.getByRole("menuitem", { name: action }));
};

beforeEach(() => {
  queryClient.clear();
  useSpeaking.setState(useSpeaking.getInitialState(), true);
});
afterEach(() => vi.useRealTimers());

test("entries tell what they say, who spoke them, how long and how large they are", async () => {
  serveHistory([makeEntry(), makeTranscript({ id: "entry-2", full_text: "So I said no." })]);
  show();
  const [speech, transcript] = await screen.findAllByRole("article");
  expect(speech).toHaveTextContent("Fog came in.");
  expect(speech).toHaveTextContent(/Speech\s*af_bella · kokoro ·\s*0:02 ·\s*24 kB ·/);
  expect(within(speech as HTMLElement).getByRole("button", { name: "Play: Fog came in." })).toBeVisible();
  expect(transcript).toHaveTextContent("So I said no.");
  expect(transcript).toHaveTextContent("talk.mp3");
  expect(screen.getByRole("status")).toHaveTextContent("2 entries");
});

test("what was kept without audio says so, and what no browser plays is for downloading", async () => {
  const bare = makeEntry({ id: "entry-2", full_text: "Bare.", format: "pcm" });
  serveHistory([makeEntry({ has_audio: false, audio_url: null, output_bytes: null }), bare]);
  show();
  expect(await screen.findByRole("img", { name: /audio was not kept/ })).toBeVisible();
  expect(screen.getByRole("img", { name: /Bare samples/ })).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Play/ })).not.toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Download the audio of “Bare.”" })).toHaveAttribute(
    "href",
    "/api/history/entry-2/audio/?download=1",
  );
});

test("the filter and the search are in the address, and begin on the first page", async () => {
  const asked = serveHistory([makeEntry(), makeTranscript({ id: "entry-2" })], 60);
  show("/history?page=2");
  await screen.findAllByRole("article");
  expect(asked[0]).toBe("GET /api/history/?limit=25&offset=25");
  await userEvent.click(screen.getByRole("radio", { name: "Transcripts" }));
  expect(address()).toBe("/history?type=stt");
  await userEvent.type(screen.getByRole("textbox", { name: "Search the history" }), "fog");
  await waitFor(() => expect(address()).toBe("/history?type=stt&search=fog"));
  await waitFor(() => expect(asked.at(-1)).toBe("GET /api/history/?type=stt&search=fog&limit=25&offset=0"));
});

test("pages are turned, and say where one is", async () => {
  const asked = serveHistory([makeEntry()], 60);
  show();
  expect(await screen.findByText("1–25 of 60")).toBeVisible();
  expect(screen.getByRole("button", { name: "Previous" })).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  expect(screen.getByText("51–60 of 60")).toBeVisible();
  expect(screen.getByRole("button", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
  await waitFor(() => expect(asked.at(-1)).toBe("GET /api/history/?limit=25&offset=50"));
});

test("a deleted entry is gone at once, can be had back, and goes for good later", async () => {
  const asked = serveHistory([makeEntry(), makeEntry({ id: "entry-gone", full_text: "Second." })]);
  show();
  await menu("Fog came in.", "Delete");
  expect(titles()).toEqual(["Second."]);
  expect(screen.getByRole("status")).toHaveTextContent("1 entry");
  await userEvent.keyboard("u");
  expect(titles()).toEqual(["Fog came in.", "Second."]);
  vi.useFakeTimers({ shouldAdvanceTime: true });
  await menu("Second.", "Delete");
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(asked).toContain("DELETE /api/history/entry-gone/");
  expect(titles()).toEqual(["Fog came in."]);
});

test("clearing asks how many go, and takes those that are shown", async () => {
  const asked = serveHistory([makeTranscript(), makeTranscript({ id: "entry-2" })]);
  show("/history?type=stt&search=fog");
  await userEvent.click(await screen.findByRole("button", { name: "Clear all" }));
  const question = screen.getByRole("alertdialog", { name: "Delete all 2 transcripts?" });
  expect(question).toHaveTextContent("Those that match “fog”");
  await userEvent.click(within(question).getByRole("button", { name: "Delete them" }));
  await screen.findByRole("heading", { name: "Nothing matches" });
  expect(asked).toContain("DELETE /api/history/?type=stt&search=fog");
});

test("an entry opens with all its text, and the address leads to it", async () => {
  const text = `${"A long story. ".repeat(30)}The end.`;
  serveHistory([makeEntry({ full_text: text })]);
  const { unmount } = show();
  await userEvent.click(await screen.findByRole("button", { name: /^A long story.*…$/ }));
  const dialog = await screen.findByRole("dialog", { name: "From the history" });
  await waitFor(() => expect(dialog).toHaveTextContent("The end."));
  expect(dialog).toHaveTextContent(/Voiceaf_bella/);
  expect(address()).toBe("/history?entry=entry-1");
  unmount();
  show("/history?entry=entry-9");
  expect(await screen.findByRole("alert")).toHaveTextContent("not there any more");
});

test("a transcript shows its segments with their times, and can be saved as subtitles", async () => {
  serveHistory([
    makeTranscript({
      full_text: "One. Two.",
      segments: [
        { start: 0, end: 1, text: "One." },
        { start: 61.2, end: 62, text: "Two." },
      ],
    }),
  ]);
  show("/history?entry=entry-1");
  const text = await screen.findByRole("region", { name: "talk.mp3" });
  expect(
    within(text)
      .getAllByRole("listitem")
      .map((one) => one.textContent),
  ).toEqual(["0:00One.", "1:01Two."]);
  await userEvent.click(screen.getByRole("button", { name: "Download" }));
  expect(screen.getByRole("menuitem", { name: /SubRip|SRT/i })).toBeVisible();
});

test("an entry's text and settings become the draft of the Speak tab", async () => {
  serveHistory([makeEntry({ speed: 1.5, format: "flac", full_text: "Said before." })]);
  show();
  await menu("Said before.", "Use in Speak");
  await waitFor(() => expect(address()).toBe("/speak"));
  expect(useDraft.getState()).toMatchObject({
    text: "Said before.",
    engine: "kokoro",
    voice: "af_bella",
    speed: 1.5,
    format: "flac",
  });
});

test("an empty history leads to speaking", async () => {
  serveHistory([]);
  show();
  expect(await screen.findByRole("heading", { name: "Nothing yet" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Speak something" })).toHaveAttribute("href", "/speak");
  expect(screen.queryByRole("button", { name: "Clear all" })).not.toBeInTheDocument();
});

test("what is kept is changed in one go", async () => {
  const asked = serveHistory([makeEntry()]);
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Keep history…" }));
  const dialog = screen.getByRole("dialog", { name: "Keep history" });
  expect(dialog).toHaveAccessibleDescription(/48 kB of audio/);
  await userEvent.click(await within(dialog).findByRole("checkbox", { name: /^Keep audio/ }));
  const entries = within(dialog).getByLabelText("Entries at most");
  await userEvent.clear(entries);
  await userEvent.type(entries, "50");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(asked.filter((one) => one.startsWith("PATCH"))).toEqual(["PATCH /api/settings/"]);
});

test.each([
  { limit: "Entries at most", to: "50", title: "Delete the 10 oldest entries?" },
  { limit: "Megabytes of audio at most", to: "0.03", title: "Delete the oldest entries with audio?" },
])("before a lower limit takes anything away, it says how much: $limit", async ({ limit, to, title }) => {
  const asked = serveHistory([makeEntry()], 60);
  show("/history?search=fog");
  await userEvent.click(await screen.findByRole("button", { name: "Keep history…" }));
  const field = await screen.findByLabelText(limit);
  (field as HTMLInputElement).step = "any";
  await userEvent.clear(field);
  await userEvent.type(field, to);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await userEvent.click(
    within(await screen.findByRole("alertdialog", { name: title })).getByRole("button", { name: "Cancel" }),
  );
  expect(asked.filter((one) => one.startsWith("PATCH"))).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await userEvent.click(await screen.findByRole("button", { name: "Save and delete" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(asked.filter((one) => one.startsWith("PATCH"))).toEqual(["PATCH /api/settings/"]);
});

test("a speech with timed words has subtitles, one without has none", async () => {
  const words = [{ word: "Fog", start: 0, end: 0.4 }];
  serveHistory([makeEntry({ words }), makeEntry({ id: "entry-2", full_text: "Wordless." })]);
  const { unmount } = show("/history?entry=entry-1");
  await userEvent.click(await screen.findByRole("button", { name: "Subtitles" }));
  expect(screen.getByRole("menuitem", { name: "Subtitles (SRT)" })).toHaveAttribute(
    "href",
    "/api/history/entry-1/subtitles/?format=srt&download=1",
  );
  unmount();
  show("/history?entry=entry-2");
  await screen.findByRole("region", { name: "Wordless." });
  expect(screen.queryByRole("button", { name: "Subtitles" })).not.toBeInTheDocument();
});
