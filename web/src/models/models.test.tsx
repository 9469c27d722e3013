import { act, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { espeak, makeList, makeModel, makePull } from "../../tests/model";
import { type Call, renderPage, serve } from "../../tests/page";
import type { Model } from "@/api/models";
import { useStudio } from "@/api/events";
import { toast } from "@/ui/toast";
import { Models } from "./models";
import { usePullEnds } from "./pull-ends";
import { STANDSTILL_MS } from "./use-standstill";

beforeEach(() => {
  useStudio.setState(useStudio.getInitialState(), true);
  vi.spyOn(toast, "done").mockImplementation(() => 1);
  vi.spyOn(toast, "warn").mockImplementation(() => 1);
  vi.spyOn(toast, "failed").mockImplementation(() => 1);
});

afterEach(() => vi.useRealTimers());

type Answer = ReturnType<Parameters<typeof serve>[0]>;

function show(models: Model[], answer: (call: Call) => Answer = () => undefined) {
  const calls = serve((call) =>
    call.method === "GET" && call.path === "/api/models/" ? { body: makeList(...models) } : answer(call),
  );
  renderPage(<Models />, { path: "/models" });
  return calls;
}

const row = (name: string) => screen.findByRole("article", { name: new RegExp(`^${name}`) });
const asked = (calls: Call[]) => calls.map(({ method, path }) => `${method} ${path}`);

test("models are told with what they are, and what is here", async () => {
  show([
    makeModel(),
    makeModel({ id: "b", name: "Bee", state: "installed", is_loaded: true, licence: "MIT" }),
    espeak,
  ]);
  expect(await row("Kokoro")).toHaveTextContent(
    "Recommended326 MB · American English, French (France) · Apache-2.0",
  );
  expect(await row("Bee")).toHaveTextContent("Loaded");
  expect(screen.getByText("1 model installed · 1 MB · 80 GB free on this disk")).toBeVisible();
  const plain = within(await row("eSpeak NG"));
  expect(plain.getAllByRole("button").map((button) => button.getAttribute("aria-label"))).toEqual([
    "Details of eSpeak NG",
  ]);
});

test("of many languages the first are told, the others in the details", async () => {
  const languages = ["en-us", "de", "it", "es", "hi"];
  show([makeModel({ languages })], ({ path }) =>
    path === "/api/models/kokoro/"
      ? {
          body: makeModel({
            languages,
            inputs: [{ name: "input_ids", type: "int64", shape: [1, -1], file: "kokoro/model.onnx" }],
            outputs: [],
          }),
        }
      : undefined,
  );
  const kokoro = await row("Kokoro");
  expect(kokoro).toHaveTextContent("American English, German, Italian and 2 more languages");
  await userEvent.click(within(kokoro).getByRole("button", { name: "Details of Kokoro" }));
  expect(kokoro).toHaveTextContent("American English, German, Italian, Spanish, Hindi");
  const inputs = await within(kokoro).findByRole("region", { name: "Inputs" });
  expect(within(inputs).getByRole("row", { name: "input_ids int64 [1, -1]" })).toBeVisible();
});

test("a model is asked for, comes, and can be cancelled", async () => {
  const calls = show([makeModel()], ({ method }) =>
    method === "DELETE" ? { status: 204 } : { status: 202, body: makePull({ state: "waiting" }) },
  );
  const kokoro = within(await row("Kokoro"));
  await userEvent.click(kokoro.getByRole("button", { name: "Get Kokoro, 326 MB" }));
  expect(asked(calls)).toContain("POST /api/models/kokoro/pull/");
  act(() => useStudio.setState({ pulls: [makePull({ bytes_done: 163_000_000 })] }));
  expect(kokoro.getByText("163 MB of 326 MB")).toBeVisible();
  expect(kokoro.getByRole("button", { name: "Details of Kokoro" })).toHaveFocus(); // what had it is gone
  expect(kokoro.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "163000000");
  expect(kokoro.queryByRole("button", { name: /^Get/ })).not.toBeInTheDocument();
  await userEvent.click(kokoro.getByRole("button", { name: "Cancel getting Kokoro" }));
  expect(asked(calls)).toContain("DELETE /api/models/kokoro/pull/");
});

test("a download that stands still says what it waits for, until it goes on", async () => {
  show([makeModel()]);
  const kokoro = within(await row("Kokoro"));
  vi.useFakeTimers();
  const tell = (bytes_done: number) => act(() => useStudio.setState({ pulls: [makePull({ bytes_done })] }));
  tell(1_000_000);
  act(() => void vi.advanceTimersByTime(STANDSTILL_MS - 1));
  tell(2_000_000);
  act(() => void vi.advanceTimersByTime(STANDSTILL_MS - 1));
  expect(kokoro.queryByText("Waiting for the network…")).not.toBeInTheDocument();
  act(() => void vi.advanceTimersByTime(1));
  expect(kokoro.getByText("Waiting for the network…")).toBeVisible();
  expect(kokoro.queryByText(/\/s/)).not.toBeInTheDocument();
  tell(3_000_000);
  expect(kokoro.queryByText("Waiting for the network…")).not.toBeInTheDocument();
});

test("what failed says why and is tried again; a refusal to begin is told", async () => {
  const calls = show([makeModel({ state: "partial" })], () => ({
    status: 507,
    body: { detail: "The disk is full." },
  }));
  const kokoro = within(await row("Kokoro"));
  expect(kokoro.getByRole("button", { name: "Get the rest of Kokoro" })).toBeVisible();
  act(() => useStudio.setState({ pulls: [makePull({ state: "failed", error: "No network." })] }));
  expect(kokoro.getByRole("alert")).toHaveTextContent("It could not be fetched: No network.");
  await userEvent.click(kokoro.getByRole("button", { name: "Try again" }));
  expect(asked(calls)).toContain("POST /api/models/kokoro/pull/");
  await waitFor(() =>
    expect(toast.failed).toHaveBeenCalledWith(
      "The model could not be fetched",
      expect.objectContaining({ message: "The disk is full." }),
    ),
  );
});

test("one that is in memory is given back, and one that speaks keeps its place", async () => {
  show([makeModel({ state: "installed", is_loaded: true })], () => ({
    status: 409,
    body: { detail: "Kokoro is speaking." },
  }));
  await userEvent.click(await screen.findByRole("button", { name: "Unload Kokoro" }));
  await waitFor(() =>
    expect(toast.failed).toHaveBeenCalledWith(
      "Kokoro could not be unloaded",
      expect.objectContaining({ message: "Kokoro is speaking." }),
    ),
  );
});

test("files that are not what was published are told by name", async () => {
  show([makeModel({ state: "installed" })], ({ path }) =>
    path.endsWith("/verify/")
      ? { body: { id: "kokoro", is_whole: false, problems: ["model.onnx: 3 bytes are missing."] } }
      : undefined,
  );
  await userEvent.click(await screen.findByRole("button", { name: "More about Kokoro" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Check its files" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("model.onnx: 3 bytes are missing.");
  expect(toast.done).not.toHaveBeenCalled();
});

test("before one is removed it is said who needs it", async () => {
  const voices = makeModel({
    id: "voices",
    name: "The voices",
    kind: "voices",
    state: "installed",
    size: 28_000_000,
    needed_by: ["kokoro", "other"],
  });
  const calls = show(
    [makeModel({ state: "installed" }), makeModel({ id: "other", name: "Other" }), voices],
    () => ({ status: 204 }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "More about The voices" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const confirm = await screen.findByRole("alertdialog", { name: "Remove “The voices”?" });
  expect(confirm).toHaveAccessibleDescription(
    "It is needed by Kokoro. This frees 28 MB. You can get it again at any time.",
  );
  await userEvent.click(within(confirm).getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(toast.done).toHaveBeenCalledWith("The voices was removed."));
  expect(asked(calls)).toContain("DELETE /api/models/voices/");
});

test("what else goes when one is removed is said, and what all of it frees", async () => {
  const kokoro = makeModel({ state: "installed", bytes_on_disk: 707_000_000, needs: ["voices"] });
  const voices = makeModel({
    id: "voices",
    name: "The voices",
    kind: "voices",
    state: "installed",
    bytes_on_disk: 28_000_000,
    needed_by: ["kokoro"],
  });
  show([kokoro, voices], () => ({ status: 204 }));
  expect(await row("Kokoro")).toHaveTextContent("707 MB on disk");
  await userEvent.click(await screen.findByRole("button", { name: "More about Kokoro" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove" }));
  expect(await screen.findByRole("alertdialog")).toHaveAccessibleDescription(
    "The voices goes with it: nothing else needs it. This frees 735 MB. You can get it again at any time.",
  );
});

test("a size that nobody knows is not told, and what is built in is not counted", async () => {
  show([makeModel({ size: 0 }), espeak]);
  expect(await screen.findByRole("button", { name: "Get Kokoro" })).toBeVisible();
  expect(screen.getByText("No models yet · 80 GB free on this disk")).toBeVisible();
});

test("a list that cannot be loaded tells why and is tried again", async () => {
  const answers: Answer[] = [{ status: 500, body: { detail: "The folder is away." } }];
  serve(() => answers.shift() ?? { body: makeList(makeModel()) });
  renderPage(<Models />, { path: "/models" });
  expect(await screen.findByRole("alert")).toHaveTextContent("The folder is away.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await row("Kokoro")).toBeVisible();
});

function PullEnds() {
  usePullEnds();
  return null;
}

test("the end of a pull is told wherever one is, once", () => {
  renderPage(<PullEnds />);
  const tell = (...pulls: ReturnType<typeof makePull>[]) => act(() => useStudio.setState({ pulls }));
  const ended = makePull({ state: "done" });
  const failed = makePull({ model: "b", state: "failed" });
  tell(ended); // before the page was opened
  expect(toast.done).not.toHaveBeenCalled();
  tell(makePull(), makePull({ model: "b" }));
  tell(ended, failed);
  tell(ended, failed);
  expect(toast.done).toHaveBeenCalledExactlyOnceWith("kokoro is ready.");
  expect(toast.warn).toHaveBeenCalledExactlyOnceWith("b could not be fetched.", expect.anything());
});
