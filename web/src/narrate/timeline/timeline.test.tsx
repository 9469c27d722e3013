import { QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Segment } from "@/api/client";
import { audioUrl } from "@/api/segments";
import { usePlayer } from "@/narrate/player/player";
import { queryClient } from "@/query-client";
import { TipProvider } from "@/ui/tip";
import { storeDraft } from "./draft-storage";
import { useDrafts } from "./drafts";
import { FakeServer, moment, PROJECT, segmentOf } from "./fake-server";
import { flushDeletes, usePendingDeletes } from "./pending-deletes";
import { leavePlace, setCurrent } from "./place";
import { SegmentCard } from "./segment-card";
import { Timeline } from "./timeline";

vi.setConfig({ testTimeout: 20_000 }); // whole pages are slow in jsdom

let server: FakeServer;

/** What jsdom does not lay out: a view of 800 pixels on cards of 200. */
beforeEach(() => {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(800);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(200);
  Element.prototype.scrollTo = () => undefined;
  localStorage.clear();
  queryClient.clear();
  useDrafts.setState({ drafts: {} });
  return async () => {
    await flushDeletes();
    usePendingDeletes.setState({ hidden: new Set() });
    leavePlace();
  };
});

function open(
  segments: Segment[],
  address = `/narrate/${PROJECT}`,
  prepare: (server: FakeServer) => void = () => {},
) {
  server = new FakeServer(segments);
  prepare(server);
  const router = createMemoryRouter(
    [
      { path: "/narrate", element: <p>Dashboard</p> },
      { path: "/narrate/:projectId", element: <Timeline /> },
    ],
    { initialEntries: [address] },
  );
  render(
    <QueryClientProvider client={queryClient}>
      <TipProvider>
        <RouterProvider router={router} />
      </TipProvider>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), router };
}

const three = () => ["a", "b", "c"].map((id) => segmentOf(id));
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => segmentOf(`s${String(index + 1)}`));
// By label: by role, jsdom computes the names of all there is in all cards.
const card = (number: number) => screen.getByLabelText(`Segment ${String(number)}`);
const findCard = (number: number) => screen.findByLabelText(`Segment ${String(number)}`);
const text = (number: number) =>
  screen.getByLabelText<HTMLTextAreaElement>(`Text of segment ${String(number)}`);
const texts = () => server.segments.map((one) => one.text_content);

describe("the page", () => {
  test("shows the segments in order, with their chapters", async () => {
    const chapters = ["One", "One", "Two"];
    open(three().map((one, index) => ({ ...one, chapter: chapters[index] ?? "" })));
    expect(await findCard(3)).toBeVisible();
    expect(text(1)).toHaveValue("Text of a.");
    const titles = screen.getAllByRole("heading", { level: 2 }).map((one) => one.textContent);
    expect(titles).toEqual(["One", "Two"]);
    const facts = screen.getByText(/^3 segments · 0 with audio$/);
    expect(facts.textContent).toBe("3\u00a0segments ·\u00a00\u00a0with\u00a0audio"); // lines end before a "·"
  });

  test("has only the cards that can be seen", async () => {
    open(many(500));
    await findCard(1);
    expect(screen.getAllByRole("article").length).toBeLessThan(15);
    expect(card(1).closest("li")).toHaveAttribute("aria-setsize", "500");
  });

  test("says when there is no such project", async () => {
    open(three(), "/narrate/01a1ff08-0000-7000-8000-00000000dead");
    expect(await screen.findByRole("heading", { name: "There is no such project" })).toBeVisible();
  });

  test("says why it could not be loaded, and tries again", async () => {
    const { user } = open(three(), `/narrate/${PROJECT}`, (server) =>
      server.refuse("GET", "/projects/", { status: 403, body: { detail: "Not from there." } }),
    );
    expect(await screen.findByText("Not from there.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await findCard(1)).toBeVisible();
  });

  test("of an empty project offers the first segment and goes to its text", async () => {
    const { user } = open([]);
    await user.click(await screen.findByRole("button", { name: "Write the first segment" }));
    await waitFor(() => expect(text(1)).toHaveFocus());
    expect(server.segments).toHaveLength(1);
  });

  test("is renamed where its title stands", async () => {
    const { user } = open(three());
    await user.click(await screen.findByRole("button", { name: "A story (rename)" }));
    const field = screen.getByRole("textbox", { name: "Title of the project" });
    expect(field).toHaveFocus();
    await user.clear(field);
    await user.type(field, " Another story {Enter}");
    expect(server.sent("PATCH", "/projects/")).toMatchObject([{ body: { title: "Another story" } }]);
  });

  test("is deleted after a question, and leads to the dashboard", async () => {
    const { user } = open(three());
    await user.click(await screen.findByRole("button", { name: "More about this project" }));
    await user.click(screen.getByRole("menuitem", { name: "Delete project" }));
    expect(server.sent("DELETE")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Delete project" }));
    expect(await screen.findByText("Dashboard")).toBeVisible();
    expect(server.sent("DELETE", `/projects/${PROJECT}/`)).toHaveLength(1);
  });
});

describe("by keyboard", () => {
  test("j and k and the arrows go from card to card, Enter into the text, Escape out of it", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.keyboard("j");
    expect(card(1)).toHaveFocus();
    await user.keyboard("j{ArrowDown}");
    expect(card(3)).toHaveFocus();
    await user.keyboard("jk");
    expect(card(2)).toHaveFocus();
    expect(card(2)).toHaveAttribute("aria-current", "true");
    await user.keyboard("{Enter}");
    expect(text(2)).toHaveFocus();
    await user.keyboard("jkl{Escape}");
    expect(text(2)).toHaveValue("Text of b.jkl");
    expect(card(2)).toHaveFocus();
  });

  test("one card is in the order of Tab: the current one", async () => {
    open(three());
    await findCard(1);
    const reachable = () => screen.getAllByRole("article").map((one) => one.tabIndex);
    expect(reachable()).toEqual([0, -1, -1]);
    act(() => card(3).focus());
    expect(reachable()).toEqual([-1, -1, 0]);
  });

  test("n makes a segment below and goes to its text", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.keyboard("jn");
    await waitFor(() => expect(text(2)).toHaveFocus());
    await user.keyboard("New.{Control>}{Enter}{/Control}");
    await waitFor(() => expect(texts()).toEqual(["Text of a.", "New.", "Text of b.", "Text of c."]));
  });

  test("Alt and an arrow move a card, which keeps the focus", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.keyboard("j{Alt>}{ArrowDown}{/Alt}");
    expect(card(2)).toHaveFocus();
    expect(text(2)).toHaveValue("Text of a.");
    expect(screen.getByText("Moved to position 2 of 3.")).toBeInTheDocument();
    await waitFor(() => expect(texts()).toEqual(["Text of b.", "Text of a.", "Text of c."]));
  });

  test("a card is moved to a position by its grip", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.click(screen.getByRole("button", { name: "Move segment 1" }));
    const field = screen.getByRole("textbox", { name: "Position" });
    await user.clear(field);
    await user.type(field, "9");
    expect(screen.getByRole("button", { name: "Move" })).toBeDisabled();
    await user.clear(field);
    await user.type(field, "3{Enter}");
    await waitFor(() => expect(texts()).toEqual(["Text of b.", "Text of c.", "Text of a."]));
    await waitFor(() => expect(card(3)).toHaveFocus());
  });

  test("Delete removes a card and goes to the next, u brings it back", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.keyboard("jj{Delete}");
    expect(text(2)).toHaveValue("Text of c.");
    expect(card(2)).toHaveFocus();
    expect(screen.getByText(/^2 segments/)).toBeVisible();
    await user.keyboard("u");
    expect(text(2)).toHaveValue("Text of b.");
    expect(card(2)).toHaveFocus();
    expect(server.sent("DELETE")).toEqual([]);
  });

  test("Backspace in a text deletes a character only", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.click(text(1));
    await user.keyboard("{Backspace}");
    expect(text(1)).toHaveValue("Text of a");
    expect(screen.getAllByRole("article")).toHaveLength(3);
  });

  test("l locks what was typed to the end, and unlocks", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.type(text(1), " More.");
    await user.keyboard("{Escape}l");
    await waitFor(() => expect(text(1)).toHaveAttribute("readonly"));
    expect(server.sent("PATCH").map(({ body }) => body)).toEqual([
      { text_content: "Text of a. More." },
      { is_locked: true },
    ]);
    expect(text(1)).toHaveAccessibleDescription(/Locked: unlock it to change/);
    await user.keyboard("l");
    await waitFor(() => expect(text(1)).not.toHaveAttribute("readonly"));
  });
});

describe("the current segment", () => {
  test("is the one the address names, however far down", async () => {
    open(many(500), `/narrate/${PROJECT}?segment=s400`);
    await waitFor(() => expect(card(400)).toHaveFocus());
  });

  test("is written to the address", async () => {
    const { router } = open(three());
    await findCard(1);
    act(() => setCurrent("b"));
    await waitFor(() => expect(router.state.location.search).toBe("?segment=b"));
    expect(router.state.historyAction).toBe("REPLACE");
  });

  test("stays in the page and focused while what surrounds it changes", async () => {
    open(three());
    await findCard(1);
    act(() => text(2).focus());
    server.segments.unshift(segmentOf("x"));
    server.change("b", { audio_error: "It failed." });
    await act(() => queryClient.refetchQueries());
    await waitFor(() => expect(text(3)).toHaveValue("Text of b."));
    expect(text(3)).toHaveFocus();
  });

  test("is marked while all is played", async () => {
    open(three());
    await findCard(1);
    act(() => usePlayer.setState({ isPlayingAll: true, segmentId: "b" }));
    expect(card(2)).toHaveClass("ring-2");
    expect(card(1)).not.toHaveClass("ring-2");
    act(() => usePlayer.setState({ isPlayingAll: false, segmentId: null }));
  });

  test("is the current one where a recording begins to sound, and the focus stays", async () => {
    open(three());
    await findCard(1);
    const elsewhere = screen.getByRole("button", { name: "Play all" });
    act(() => elsewhere.focus());
    act(() => usePlayer.setState({ status: "playing", segmentId: "b" }));
    expect(card(2)).toHaveAttribute("aria-current", "true");
    expect(elsewhere).toHaveFocus();

    act(() => card(1).focus());
    act(() => usePlayer.setState({ status: "playing", segmentId: "c" }));
    expect(card(1)).toHaveAttribute("aria-current", "true");
    act(() => usePlayer.setState(usePlayer.getInitialState(), true));
  });
});

describe("a card", () => {
  const png = new File(["png"], "cat.png", { type: "image/png" });
  const dropped = (file: File) => ({ dataTransfer: { files: [file], types: ["Files"] } });

  test("says that its text is saved, and why it is not", async () => {
    const { user } = open(three());
    await findCard(1);
    await user.type(text(1), " More.{Control>}{Enter}{/Control}");
    expect(await within(card(1)).findByText("Saved")).toBeVisible();
    server.refuse("PATCH", "/a/", { status: 507, body: { detail: "The disk is full." } });
    await user.type(text(1), " Again.{Control>}{Enter}{/Control}");
    expect(await within(card(1)).findByRole("alert")).toHaveTextContent("Not saved: The disk is full.");
    await user.click(within(card(1)).getByRole("button", { name: "Retry" }));
    await waitFor(() => expect(texts()[0]).toBe("Text of a. More. Again."));
  });

  test("takes a picture that is dropped on it", async () => {
    open(three());
    fireEvent.drop(await findCard(2), dropped(png));
    expect(await screen.findByRole("img", { name: "Picture of segment 2" })).toBeVisible();
  });

  test("takes a picture that is pasted into it, but leaves text to its field", async () => {
    open(three());
    await findCard(1);
    fireEvent.paste(text(1), { clipboardData: { files: [png], types: ["Files", "text/plain"] } });
    expect(server.sent("POST")).toEqual([]);
    fireEvent.paste(text(1), { clipboardData: { files: [png], types: ["Files"] } });
    expect(await screen.findByRole("img", { name: "Picture of segment 1" })).toBeVisible();
  });

  test("refuses what is no picture, and shows the server's reason for refusing one", async () => {
    open(three());
    fireEvent.drop(await findCard(1), dropped(new File(["x"], "x.pdf", { type: "application/pdf" })));
    expect(within(card(1)).getByRole("alert")).toHaveTextContent("Only PNG, JPEG and WebP");
    expect(server.sent("POST")).toEqual([]);
    server.refuse("POST", "upload-image", { status: 400, body: { image: ["It is larger than 20 MB."] } });
    fireEvent.drop(card(1), dropped(png));
    await waitFor(() => expect(within(card(1)).getByRole("alert")).toHaveTextContent("larger than 20 MB"));
  });

  test("offers its recording as a file, once it has one", async () => {
    const recording = { audio_file: "/media/b.wav", audio_created_at: moment(0) };
    const { user } = open([segmentOf("a"), segmentOf("b", recording)]);
    await user.click(await screen.findByLabelText("More about segment 1"));
    expect(screen.getByRole("menuitem", { name: "Copy text" })).toBeVisible();
    expect(screen.queryByRole("menuitem", { name: "Download audio" })).toBeNull();
    await user.keyboard("{Escape}");

    await user.click(screen.getByLabelText("More about segment 2"));
    const link = screen.getByRole<HTMLAnchorElement>("menuitem", { name: "Download audio" });
    expect(link).toHaveAttribute("href", audioUrl(segmentOf("b", recording)));
    expect(link).toHaveAttribute("download", "A story - 02.wav");
    const onClick = vi.fn((event: Event) => event.preventDefault()); // jsdom follows no links
    link.addEventListener("click", onClick);
    act(() => link.focus());
    await user.keyboard("{Enter}");
    expect(onClick).toHaveBeenCalledOnce();
  });

  test("that is locked takes no picture and says so", async () => {
    open([segmentOf("a", { is_locked: true })]);
    fireEvent.drop(await findCard(1), dropped(png));
    expect(within(card(1)).getByRole("alert")).toHaveTextContent("Unlock it to change its picture");
    expect(server.sent("POST")).toEqual([]);
  });

  test("copies its image prompt and confirms it", async () => {
    const { user } = open([segmentOf("a", { image_prompt: "A cat" })]);
    await user.click(await screen.findByRole("button", { name: "Copy prompt" }));
    expect(await navigator.clipboard.readText()).toBe("A cat");
    expect(screen.getByRole("button", { name: "Prompt copied" })).toBeVisible();
  });

  test("is rendered anew by its own changes only", async () => {
    const rendered = vi.spyOn(SegmentCard as unknown as { type: typeof render }, "type");
    const { user } = open(three());
    await findCard(1);
    rendered.mockClear();
    await user.click(text(2));
    rendered.mockClear();
    await user.keyboard("abc");
    expect(text(2)).toHaveValue("Text of b.abc");
    expect(rendered).not.toHaveBeenCalled();
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(rendered).toHaveBeenCalled()); // with the segment as it was saved
    rendered.mockClear();
    server.change("c", { text_content: "Else." });
    await act(() => queryClient.refetchQueries());
    await waitFor(() => expect(text(3)).toHaveValue("Else."));
    const numbers = rendered.mock.calls.map(([props]) => (props as unknown as { number: number }).number);
    expect(new Set(numbers)).toEqual(new Set([3]));
  });
});

test("what an earlier visit left is saved; what another tab is writing is left to it", async () => {
  storeDraft("a", "text_content", { value: "From yesterday", base: "Text of a." });
  open([segmentOf("a"), segmentOf("b")]);
  await waitFor(() => expect(server.segments[0]?.text_content).toBe("From yesterday"));

  storeDraft("b", "text_content", { value: "Half a sen", base: "Text of b." });
  server.change("a", { text_content: "Seen" });
  await act(() => queryClient.invalidateQueries());
  expect(await screen.findByDisplayValue("Seen")).toBeVisible();
  expect(screen.getByDisplayValue("Text of b.")).toBeVisible();
  expect(server.sent("PATCH")).toHaveLength(1);
});

test("leaving the page sends what is deleted", async () => {
  const { user, router } = open(three());
  await findCard(1);
  await user.keyboard("j{Delete}");
  await act(() => router.navigate("/narrate"));
  await waitFor(() => expect(server.segments.map(({ id }) => id)).toEqual(["b", "c"]));
});

test("leaving the browser with unsaved text is asked about, and sends it", async () => {
  const { user } = open(three());
  await findCard(1);
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  await user.type(text(1), " More.");
  expect(leave()).toBe(true);
  await waitFor(() => expect(texts()[0]).toBe("Text of a. More."));
  expect(server.sent("PATCH", "/a/")).toMatchObject([{ keepalive: true }]);
});
