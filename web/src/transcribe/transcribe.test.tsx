import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ears, makeList, makeModel, makePull } from "../../tests/model";
import { renderPage, serve } from "../../tests/page";
import { delta, done, type FakeRequest, fakeRequests } from "../../tests/transcription-request";
import type { Model } from "@/api/models";
import { useStudio } from "@/api/events";
import { UNDO_MS } from "@/ui/pending-deletes";
import { toast } from "@/ui/toast";
import { Transcribe } from "./transcribe";
import { addTake, removeAllTranscriptions, useTranscriptions } from "./transcriptions";

let requests: FakeRequest[];

beforeEach(() => {
  useStudio.setState(useStudio.getInitialState(), true);
  requests = fakeRequests();
  Object.assign(URL, { createObjectURL: () => "blob:sound", revokeObjectURL: () => undefined });
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => undefined);
});

afterEach(() => {
  act(removeAllTranscriptions);
  sessionStorage.clear();
});

function show(models: Model[] = ears) {
  const calls = serve(({ method }) =>
    method === "GET" ? { body: makeList(...models) } : { status: 202, body: makePull({ state: "waiting" }) },
  );
  return { calls, ...renderPage(<Transcribe />, { path: "/transcribe" }) };
}

const sound = (name: string) => new File(["sound"], name, { type: "audio/mpeg" });

async function choose(...names: string[]) {
  const input = screen.getByLabelText("Recordings", { selector: "input" });
  await userEvent.upload(input, names.map(sound));
}

const row = (name: string) => screen.getByRole("button", { name }).closest("li") ?? document.body;
const told = () => screen.getAllByRole("listitem").map((item) => item.textContent);
const request = (place: number) => requests[place] ?? expect.fail(`request ${place} was not made`);

function hear(place: number, text: string) {
  act(() => {
    request(place).sent(1);
    request(place).tell(delta(text), done(text));
    request(place).end();
  });
}

test("a recording is sent, heard and shown, with what heard it", async () => {
  show();
  await choose("talk.mp3");
  act(() => request(0).sent(0.5));
  expect(screen.getByText("Sending… 50%")).toBeVisible();
  act(() => {
    request(0).sent(1);
    request(0).tell(delta("One two."));
  });
  expect(screen.getByText("Listening… heard up to 0:02")).toBeVisible();
  expect(screen.getByText("two.")).toBeVisible();
  act(() => {
    request(0).tell(delta("Three.", 61), done("One two. Three."));
    request(0).end();
  });
  expect(
    await screen.findByText("English · moonshine-tiny · 0:03 · 3 words · word times estimated"),
  ).toBeVisible();
  expect(screen.getByRole("button", { name: "Play from 1:01" })).toBeVisible();
  expect(screen.getByText("talk.mp3: Done.", { exact: false })).toHaveAttribute("role", "status");
});

test("several are heard one after another, whatever becomes of each", async () => {
  show();
  await choose("a.mp3", "b.mp3", "c.mp3");
  expect(requests).toHaveLength(1);
  expect(row("b.mp3")).toHaveTextContent("Waiting");
  hear(0, "First.");
  await waitFor(() => expect(requests).toHaveLength(2));
  act(() => request(1).refuse(400, { error: { message: "b.mp3 is no sound." } }));
  await waitFor(() => expect(requests).toHaveLength(3));
  hear(2, "Last.");
  await waitFor(() => expect(row("c.mp3")).toHaveTextContent("Done"));
  expect(row("b.mp3")).toHaveTextContent("Failed");
  await userEvent.click(screen.getByRole("button", { name: "b.mp3" }));
  expect(screen.getByRole("alert")).toHaveTextContent("b.mp3 is no sound.");
});

test("what is being heard is cancelled, and begun again behind the others", async () => {
  show();
  await choose("a.mp3", "b.mp3");
  await userEvent.click(within(row("a.mp3")).getByRole("button", { name: "Cancel a.mp3" }));
  expect(request(0).isAborted).toBe(true);
  await waitFor(() => expect(requests).toHaveLength(2));
  await userEvent.click(within(row("a.mp3")).getByRole("button", { name: "Try a.mp3 again" }));
  expect(screen.getByRole("button", { name: "a.mp3" })).toHaveFocus();
  expect(told().map((words) => words.slice(0, 5))).toEqual(["b.mp3", "a.mp3"]);
  hear(1, "B.");
  await waitFor(() => expect(requests).toHaveLength(3));
  expect((request(2).form.get("file") as File).name).toBe("a.mp3");
});

test("one that waits is taken off, and is never heard", async () => {
  show();
  await choose("a.mp3", "b.mp3");
  await userEvent.click(within(row("b.mp3")).getByRole("button", { name: "Cancel b.mp3" }));
  await userEvent.click(within(row("b.mp3")).getByRole("button", { name: "Remove b.mp3 from the list" }));
  expect(screen.getByRole("button", { name: "a.mp3" })).toHaveFocus();
  hear(0, "A.");
  await waitFor(() => expect(row("a.mp3")).toHaveTextContent("Done"));
  expect(requests).toHaveLength(1);
  await userEvent.click(within(row("a.mp3")).getByRole("button", { name: "Remove a.mp3 from the list" }));
  expect(screen.getByRole("button", { name: "Choose files" })).toHaveFocus();
});

test("what nobody else has is brought back after it was removed", async () => {
  const say = vi.spyOn(toast, "say").mockImplementation(() => 1);
  show();
  await choose("a.mp3", "b.mp3");
  act(() => {
    request(0).tell(delta("First."), done("First.", { history_id: null })); // history is off
    request(0).end();
  });
  await waitFor(() => expect(requests).toHaveLength(2));
  hear(1, "Second.");
  await userEvent.click(await screen.findByRole("button", { name: "Clear the list" }));
  expect(useTranscriptions.getState().list).toEqual([]);
  expect(say).toHaveBeenCalledExactlyOnceWith("2 recordings were removed.", expect.anything(), UNDO_MS);
  act(() => say.mock.calls[0]?.[1]?.onClick());
  expect(useTranscriptions.getState().list.map(({ name }) => name)).toEqual(["a.mp3", "b.mp3"]);
  expect(screen.getByText("First.")).toBeVisible();
});

test("the words are copied", async () => {
  const user = userEvent.setup(); // with a clipboard
  show();
  await choose("talk.mp3");
  hear(0, "One two.");
  await user.click(await screen.findByRole("button", { name: "Copy text" }));
  expect(await navigator.clipboard.readText()).toBe("One two.");
});

test("what the browser cannot play is only said to be heard where it is", async () => {
  show();
  await choose("odd.mp3");
  fireEvent.error(document.querySelector("audio") ?? document.body);
  expect(screen.getByText(/It can be transcribed all the same/)).toBeVisible();
  act(() => request(0).refuse(400, { error: { message: "odd.mp3 is no sound." } }));
  expect(await screen.findByRole("alert")).toHaveTextContent("odd.mp3 is no sound.");
  expect(screen.getByText("The browser cannot play this file.")).toBeVisible();
});

test("what was recorded here can be saved whatever was heard in it, and a chosen file lies there anyway", async () => {
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  show();
  act(() => addTake(new File(["sound"], "Recording 14.05.webm", { type: "audio/webm" }), 7));
  act(() => request(0).refuse(500, { error: { message: "Out of memory." } }));
  await userEvent.click(await screen.findByRole("button", { name: "Download" }));
  expect(screen.getAllByRole("menuitem")).toHaveLength(1);
  await userEvent.click(screen.getByRole("menuitem", { name: "Recording (.webm)" }));
  expect(saved).toEqual(["Recording 14.05.webm"]);

  await choose("talk.mp3");
  hear(1, "One two.");
  await userEvent.click(await screen.findByRole("button", { name: "talk.mp3" }));
  await userEvent.click(screen.getByRole("button", { name: "Download" }));
  expect(screen.getAllByRole("menuitem")).toHaveLength(4);
  expect(screen.queryByRole("menuitem", { name: /^Recording/ })).not.toBeInTheDocument();
});

test("the player says the same length as the facts do", async () => {
  show();
  await choose("talk.mp3");
  const audio = document.querySelector("audio") ?? expect.fail("there is no player");
  Object.defineProperty(audio, "duration", { value: 2.4 });
  fireEvent.durationChange(audio);
  expect(screen.getByText("0:00 / 0:02")).toBeVisible();
  hear(0, "One two.");
  expect(await screen.findByText("0:00 / 0:03")).toBeVisible();
});

test("a recording in which nobody speaks says so", async () => {
  show();
  await choose("silence.mp3");
  act(() => {
    request(0).tell(done(""));
    request(0).end();
  });
  expect(await screen.findByText("No speech was heard in it.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Copy text" })).not.toBeInTheDocument();
});

test("without a model recordings wait until it has come", async () => {
  const absent = ears.map((model) => ({ ...model, state: "absent" as const, size: 10_000_000 }));
  const { calls, client } = show([...absent, makeModel()]);
  const get = await screen.findByRole("button", { name: "Get it (20 MB)" });
  await choose("talk.mp3");
  expect(requests).toHaveLength(0);
  expect(row("talk.mp3")).toHaveTextContent("Waiting");
  expect(screen.getByText(/^It waits for the model/)).toBeVisible();

  await userEvent.click(get);
  const asked = calls.filter(({ method }) => method === "POST").map(({ path }) => path);
  expect(asked).toEqual(["/api/models/moonshine-tiny/pull/", "/api/models/silero-vad/pull/"]);
  act(() =>
    useStudio.setState({ pulls: [makePull({ model: "moonshine-tiny", bytes_done: 5e6, bytes_total: 1e7 })] }),
  );
  expect(screen.getByText("5 MB of 10 MB")).toBeVisible();
  expect(get).not.toBeInTheDocument();

  act(() => void client.setQueryData(["models", "list"], makeList(...ears)));
  await waitFor(() => expect(requests).toHaveLength(1));
  expect(screen.queryByRole("region", { name: "Parlando cannot listen yet" })).not.toBeInTheDocument();
});

test("the times of segments are one stop of Tab, which the arrows move", async () => {
  show();
  await choose("talk.mp3");
  act(() => {
    request(0).tell(delta("One.", 0), delta("Two.", 5), delta("Three.", 9), done("One. Two. Three."));
    request(0).end();
  });
  const times = await screen.findAllByRole("button", { name: /^Play from/ });
  expect(times.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
  times[0]?.focus();
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(times[2]).toHaveFocus();
  await userEvent.keyboard("{Home}");
  expect(times[0]).toHaveFocus();
  await userEvent.keyboard("{End}{ArrowUp}");
  expect(times[1]).toHaveFocus();
});

test("what was heard is kept for a reload of the tab, what was not is not", async () => {
  show();
  await choose("a.mp3", "b.mp3");
  hear(0, "Kept.");
  await waitFor(() => expect(row("a.mp3")).toHaveTextContent("Done"));
  const kept = JSON.parse(sessionStorage.getItem("parlando.transcriptions") ?? "") as {
    list: { name: string }[];
  };
  expect(kept.list.map(({ name }) => name)).toEqual(["a.mp3"]);
  expect(useTranscriptions.getState().list).toHaveLength(2);
});

test("leaving the page is asked about only while something would be lost", async () => {
  show();
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  await choose("a.mp3");
  expect(leave()).toBe(true);
  hear(0, "A.");
  await waitFor(() => expect(leave()).toBe(false));
});
