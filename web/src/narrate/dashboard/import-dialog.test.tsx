import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { toast } from "@/ui/toast";
import { preview, project, serve, show } from "./fake-server";
import { ImportDialog } from "./import-dialog";
import type { StoryChoice } from "./use-story-preview";

const PREVIEW = "POST /api/projects/preview/";
const IMPORT = "POST /api/projects/import/";

function Import() {
  const [isOpen, setIsOpen] = useState(true);
  const [choice, setChoice] = useState<StoryChoice | null>(null);
  const choose = (file: File | null) => setChoice(file && { number: (choice?.number ?? 0) + 1, file });
  return (
    <ImportDialog isOpen={isOpen} onOpenChange={setIsOpen} choice={choice} pastedText="" onChoose={choose} />
  );
}

const address = () => screen.getByTestId("address").textContent;
const choose = (name: string, content = "Fog.") =>
  userEvent.upload(screen.getByLabelText("Story file"), new File([content], name), { applyAccept: false });
const sentForm = async (request: Request | undefined) => (await request?.text()) ?? "";

beforeEach(() => {
  vi.spyOn(toast, "done").mockImplementation(() => 1);
});

test("a chosen file is shown before anything is made of it", async () => {
  const requests = serve({
    [PREVIEW]: () =>
      Response.json(
        preview({
          title: "Fog",
          author: "Ada",
          segment_count: 1012,
          character_count: 54_000,
          segments: [
            { text_content: "Fog came in.", image_prompt: "A harbour", chapter: "One", is_cut: false },
            { text_content: "It stayed.", image_prompt: "", chapter: "One", is_cut: false },
            { text_content: "Nobody", image_prompt: "", chapter: "Two", is_cut: true },
          ],
        }),
      ),
  });
  show(<Import />);
  await choose("fog.epub");
  expect(await screen.findByRole("textbox", { name: "Title" })).toHaveValue("Fog");
  expect(screen.getByText("Ada")).toBeVisible();
  expect(screen.getByText("1,012")).toBeVisible();
  expect(screen.getByText("54,000")).toBeVisible();
  expect(screen.getByText("Listening time (estimate)").nextSibling).toHaveTextContent("about 1 h 0 min");
  const segments = within(screen.getByRole("region", { name: "Segments" }));
  expect(segments.getAllByRole("listitem")).toHaveLength(3);
  expect(segments.getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["One", "Two"]);
  expect(segments.getByText("A harbour")).toBeVisible();
  expect(segments.getByText("Nobody…")).toBeVisible();
  expect(segments.getByText("and 1,009 more")).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("1,012 segments found");
  expect(requests).toHaveLength(1);
});

test("the project is made with the story's own title", async () => {
  const requests = serve({
    [PREVIEW]: () => Response.json(preview()),
    [IMPORT]: () => Response.json(project("Fog", { segment_count: 2 }), { status: 201 }),
  });
  show(<Import />);
  await choose("fog.txt");
  await userEvent.click(await screen.findByRole("button", { name: "Make project" }));
  await waitFor(() => expect(address()).toBe("/narrate/fog"));
  expect(toast.done).toHaveBeenCalledWith("“Fog” was made, with 2 segments");
  expect(await sentForm(requests[1])).not.toContain('name="title"');
});

test("the project is made with the title that was written", async () => {
  const requests = serve({
    [PREVIEW]: () => Response.json(preview()),
    [IMPORT]: () => Response.json(project("Mist"), { status: 201 }),
  });
  show(<Import />);
  await choose("fog.txt");
  const title = await screen.findByRole("textbox", { name: "Title" });
  await userEvent.clear(title);
  await userEvent.type(title, " Mist {Enter}");
  await waitFor(() => expect(address()).toBe("/narrate/mist"));
  expect(await sentForm(requests[1])).toMatch(/name="title"\s+Mist\s/);
});

test("what the server refuses is told in its words, and another story can be chosen", async () => {
  const line = 'fog.json, segment 3: it has no "text_content" that is a string.';
  const answers = [Response.json({ detail: line }, { status: 400 }), Response.json(preview())];
  serve({ [PREVIEW]: () => answers.shift() ?? Response.error() });
  show(<Import />);
  await choose("fog.json");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("fog.json cannot be imported");
  expect(alert).toHaveTextContent(line);
  await userEvent.click(screen.getByRole("button", { name: "Choose another story" }));
  await choose("fog.json");
  expect(await screen.findByRole("button", { name: "Make project" })).toBeVisible();
});

test("a file that is too large is not sent", async () => {
  const requests = serve({});
  show(<Import />);
  const file = Object.defineProperty(new File(["Fog."], "fog.txt"), "size", { value: 17 * 2 ** 20 });
  await userEvent.upload(screen.getByLabelText("Story file"), file);
  expect(await screen.findByRole("alert")).toHaveTextContent(
    "fog.txt has 17 MiB; at most 16 MiB can be imported.",
  );
  expect(requests).toHaveLength(0);
});

test("an upload that the server cuts off for its size is told as it says", async () => {
  serve({ [PREVIEW]: () => Response.json({ detail: "The request is larger than 64 MB." }, { status: 413 }) });
  show(<Import />);
  await choose("fog.epub");
  expect(await screen.findByRole("alert")).toHaveTextContent("The request is larger than 64 MB.");
});

test("reading can be cancelled, which ends the request", async () => {
  const requests = serve({ [PREVIEW]: () => new Promise<Response>(() => undefined) });
  show(<Import />);
  await choose("fog.txt");
  await waitFor(() => expect(requests).toHaveLength(1));
  expect(screen.getByRole("status")).toHaveTextContent("Reading fog.txt…");
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(requests[0]?.signal.aborted).toBe(true);
  expect(screen.getByRole("button", { name: "Choose a file" })).toBeVisible();
});

test("making can be cancelled, which ends the request and keeps the preview", async () => {
  const requests = serve({
    [PREVIEW]: () => Response.json(preview()),
    [IMPORT]: ({ signal }) =>
      new Promise<Response>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
  });
  show(<Import />);
  await choose("fog.txt");
  await userEvent.click(await screen.findByRole("button", { name: "Make project" }));
  expect(screen.getByRole("button", { name: "Making the project…" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(requests[1]?.signal.aborted).toBe(true);
  expect(await screen.findByRole("button", { name: "Make project" })).toBeVisible();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("closing the dialog ends the request", async () => {
  const requests = serve({ [PREVIEW]: () => new Promise<Response>(() => undefined) });
  show(<Import />);
  await choose("fog.txt");
  await waitFor(() => expect(requests).toHaveLength(1));
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(requests[0]?.signal.aborted).toBe(true);
});

test("pasted text is sent as it is", async () => {
  const requests = serve({ [PREVIEW]: () => Response.json(preview()) });
  show(<Import />);
  expect(screen.getByRole("button", { name: "Preview" })).toBeDisabled();
  await userEvent.click(screen.getByRole("textbox", { name: "Or paste the text" }));
  await userEvent.paste("# Fog\n\nIt came in.");
  await userEvent.click(screen.getByRole("button", { name: "Preview" }));
  await screen.findByRole("button", { name: "Make project" });
  expect(await sentForm(requests[0])).toContain("# Fog\n\nIt came in.");
});

test("a file pasted into the field is chosen", async () => {
  const requests = serve({ [PREVIEW]: () => Response.json(preview()) });
  show(<Import />);
  fireEvent.paste(screen.getByRole("textbox", { name: "Or paste the text" }), {
    clipboardData: { files: [new File(["Sea."], "sea.txt")], getData: () => "" },
  });
  await screen.findByRole("button", { name: "Make project" });
  expect(await sentForm(requests[0])).toContain("Sea.");
});
