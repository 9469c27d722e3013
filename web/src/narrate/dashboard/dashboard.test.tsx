import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { Route, Routes, useLocation } from "react-router";
import { useDraft } from "@/speak/draft";
import { TextArea } from "@/speak/text-area";
import { toast } from "@/ui/toast";
import { Dashboard } from "./dashboard";
import { page, preview, project, serve, show } from "./fake-server";

const LIST = "GET /api/projects/";

const address = () => screen.getByTestId("address").textContent;
const listed = () =>
  screen.queryAllByRole("article").map((card) => within(card).getByRole("link").textContent);

beforeEach(() => {
  vi.spyOn(toast, "done").mockImplementation(() => 1);
  vi.spyOn(toast, "say").mockImplementation(() => 1);
  vi.spyOn(toast, "failed").mockImplementation(() => 1);
});

async function chooseFromMenu(title: string, item: string) {
  await userEvent.click(await screen.findByRole("button", { name: `Rename or delete “${title}”` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: item }));
}

test("where nothing is yet, three ways to begin are shown", async () => {
  serve({ [LIST]: () => page([]) });
  show(<Dashboard />);
  expect(await screen.findByRole("button", { name: /Try the sample story/ })).toBeVisible();
  expect(screen.getByRole("button", { name: /Import a story/ })).toBeVisible();
  expect(screen.getByRole("button", { name: /Start empty/ })).toBeVisible();
  expect(screen.queryByRole("search")).not.toBeInTheDocument();
});

function State() {
  return <p data-testid="state">{JSON.stringify(useLocation().state)}</p>;
}

test("a text too long for Speak is taken along into the import, once", async () => {
  serve({ [LIST]: () => page([]), "GET /api/": () => Response.json({ speech_input_max: 10 }) });
  useDraft.setState({ text: "Fog came in. Nobody minded." });
  show(
    <>
      <Routes>
        <Route path="/speak" element={<TextArea />} />
        <Route path="/narrate" element={<Dashboard />} />
      </Routes>
      <State />
    </>,
    "/speak",
  );
  await userEvent.click(await screen.findByRole("link", { name: "Go to Narrate" }));
  const dialog = await screen.findByRole("dialog", { name: "Import a story" });
  expect(within(dialog).getByLabelText("Or paste the text")).toHaveValue("Fog came in. Nobody minded.");
  expect(within(dialog).getByRole("button", { name: "Preview" })).toBeEnabled();
  expect(screen.getByTestId("state")).toHaveTextContent("null");
  await userEvent.keyboard("{Escape}");
  await userEvent.click(await screen.findByRole("button", { name: /Import a story/ }));
  expect(screen.getByLabelText("Or paste the text")).toHaveValue("");
  expect(useDraft.getState().text).toBe("Fog came in. Nobody minded.");
});

test("the sample story is imported and opened", async () => {
  const requests = serve({
    [LIST]: () => page([]),
    "POST /api/projects/import/": () =>
      Response.json(project("Lighthouse", { segment_count: 6 }), { status: 201 }),
  });
  show(<Dashboard />);
  await userEvent.click(await screen.findByRole("button", { name: /Try the sample story/ }));
  await waitFor(() => expect(address()).toBe("/narrate/lighthouse"));
  const sent = await requests.find(({ method }) => method === "POST")?.text();
  expect(sent).toContain("Title: The Lighthouse That Counted");
  expect(sent?.match(/^Text: /gm)).toHaveLength(6);
  expect(sent?.match(/^Prompt: /gm)).toHaveLength(6);
  expect(toast.done).toHaveBeenCalledWith("“Lighthouse” was made, with 6 segments");
});

test("a fast double click makes one project", async () => {
  const requests = serve({
    [LIST]: () => page([]),
    "POST /api/projects/import/": () => Response.json(project("Lighthouse"), { status: 201 }),
  });
  show(<Dashboard />);
  const button = await screen.findByRole("button", { name: /Try the sample story/ });
  button.click();
  button.click();
  await waitFor(() => expect(address()).toBe("/narrate/lighthouse"));
  expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("projects are listed in the server's order and counted", async () => {
  serve({ [LIST]: () => page([project("Sea"), project("Fog")]) });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  expect(listed()).toEqual(["Sea", "Fog"]);
  expect(screen.getByRole("status")).toHaveTextContent("2 projects");
});

test("a list that cannot be loaded tells why and is tried again", async () => {
  const answers = [
    Response.json({ detail: "The database is away." }, { status: 500 }),
    page([project("Fog")]),
  ];
  serve({ [LIST]: () => answers.shift() ?? page([]) });
  show(<Dashboard />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The database is away.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Fog" })).toBeVisible();
});

test("more are shown on demand", async () => {
  const pages = new Map([
    ["1", [project("First")]],
    ["2", [project("Last")]],
  ]);
  serve({ [LIST]: ({ url }) => page(pages.get(new URL(url).searchParams.get("page") ?? "") ?? [], 61) });
  show(<Dashboard />);
  await userEvent.click(await screen.findByRole("button", { name: "Show more (60 left)" }));
  expect(await screen.findByRole("link", { name: "Last" })).toBeVisible();
  expect(listed()).toEqual(["First", "Last"]);
  expect(screen.queryByRole("button", { name: /^Show/ })).not.toBeInTheDocument();
});

test("a search stands in the address, asks once one pauses, and can be given up", async () => {
  const all = [project("Fog"), project("Sea")];
  const requests = serve({
    [LIST]: ({ url }) => {
      const search = new URL(url).searchParams.get("search") ?? "";
      return page(all.filter(({ title }) => title.toLowerCase().includes(search)));
    },
  });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  const field = screen.getByRole("textbox", { name: "Search projects" });
  await userEvent.type(field, "fog");
  await waitFor(() => expect(listed()).toEqual(["Fog"]));
  expect(address()).toBe("/narrate?search=fog");
  expect(screen.getByRole("status")).toHaveTextContent("1 project matches “fog”");
  expect(requests).toHaveLength(2);

  await userEvent.type(field, "horn");
  expect(await screen.findByRole("heading", { name: "No title contains “foghorn”" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Show all projects" }));
  await waitFor(() => expect(listed()).toEqual(["Fog", "Sea"]));
  expect(address()).toBe("/narrate");
  expect(field).toHaveValue("");
  expect(field).toHaveFocus();
});

test("a search in the address is carried out at once", async () => {
  const requests = serve({ [LIST]: () => page([project("Fog")]) });
  show(<Dashboard />, "/narrate?search=fog");
  expect(screen.getByRole("textbox", { name: "Search projects" })).toHaveValue("fog");
  await screen.findByRole("link", { name: "Fog" });
  expect(requests.map(({ url }) => new URL(url).searchParams.get("search"))).toEqual(["fog"]);
});

test("a project is deleted once that was confirmed, and the focus goes on", async () => {
  const all = [project("Fog", { segment_count: 3 }), project("Sea")];
  const requests = serve({
    [LIST]: () => page(all),
    "DELETE /api/projects/fog/": () => {
      all.shift();
      return new Response(null, { status: 204 });
    },
  });
  show(<Dashboard />);
  await chooseFromMenu("Fog", "Delete");
  const confirm = await screen.findByRole("alertdialog", { name: "Delete “Fog”?" });
  expect(confirm).toHaveAccessibleDescription(/3 segments go, and with them all recordings and pictures/);
  await userEvent.click(within(confirm).getByRole("button", { name: "Cancel" }));
  expect(requests.every(({ method }) => method === "GET")).toBe(true);

  await chooseFromMenu("Fog", "Delete");
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(toast.done).toHaveBeenCalledWith("“Fog” was deleted"));
  expect(listed()).toEqual(["Sea"]);
  expect(screen.getByRole("status")).toHaveTextContent("1 project");
  await waitFor(() => expect(screen.getByRole("link", { name: "Sea" })).toHaveFocus());
});

test("a project that the server keeps goes at once and comes back", async () => {
  let answer: (response: Response) => void = () => undefined;
  serve({
    [LIST]: () => page([project("Fog"), project("Sea")]),
    "DELETE /api/projects/fog/": () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
  });
  show(<Dashboard />);
  await chooseFromMenu("Fog", "Delete");
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(listed()).toEqual(["Sea"]);
  answer(Response.json({ detail: "The disk is full." }, { status: 507 }));
  await waitFor(() => expect(listed()).toEqual(["Fog", "Sea"]));
  expect(toast.failed).toHaveBeenCalledWith(
    "“Fog” could not be deleted",
    expect.objectContaining({ message: "The disk is full." }),
  );
});

test("a project is renamed", async () => {
  let title = "Fog";
  const requests = serve({
    [LIST]: () => page([{ ...project("Fog"), title }]),
    "PATCH /api/projects/fog/": async (request) => {
      ({ title } = (await request.json()) as { title: string });
      return Response.json({ ...project("Fog"), title, segments: [] });
    },
  });
  show(<Dashboard />);
  await chooseFromMenu("Fog", "Rename");
  const field = await screen.findByRole("textbox", { name: "Title" });
  expect(field).toHaveValue("Fog");
  await userEvent.clear(field);
  expect(screen.getByRole("button", { name: "Rename" })).toBeDisabled();
  await userEvent.type(field, "  Mist {Enter}");
  expect(await screen.findByRole("link", { name: "Mist" })).toBeVisible();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
});

test("n makes a project; what the server says of its title stands below the field", async () => {
  const answers = [
    Response.json({ title: ["This title is taken."] }, { status: 400 }),
    Response.json(project("Fog"), { status: 201 }),
  ];
  serve({ [LIST]: () => page([project("Sea")]), "POST /api/projects/": () => answers.shift() ?? page([]) });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  await userEvent.keyboard("n");
  const field = await screen.findByRole("textbox", { name: "Title" });
  await userEvent.type(field, "Fog{Enter}");
  await waitFor(() => expect(field).toHaveAccessibleDescription("This title is taken."));
  await userEvent.type(field, "{Enter}");
  await waitFor(() => expect(address()).toBe("/narrate/fog"));
});

test("i opens the import, / goes to the search", async () => {
  serve({ [LIST]: () => page([project("Sea")]) });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  await userEvent.keyboard("i");
  expect(await screen.findByRole("dialog", { name: "Import a story" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await userEvent.keyboard("/");
  expect(screen.getByRole("textbox", { name: "Search projects" })).toHaveFocus();
  await userEvent.keyboard("ni");
  expect(screen.getByRole("textbox", { name: "Search projects" })).toHaveValue("ni");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

function drag(kind: "dragenter" | "dragover" | "drop" | "dragleave", ...files: File[]) {
  const event = new Event(kind, { bubbles: true, cancelable: true });
  fireEvent(window, Object.assign(event, { relatedTarget: null, dataTransfer: { files, types: ["Files"] } }));
  return event;
}

test("a file held over the page shows where it can go, and dropped it is looked at", async () => {
  serve({
    [LIST]: () => page([project("Sea")]),
    "POST /api/projects/preview/": () => Response.json(preview()),
  });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  drag("dragenter");
  expect(screen.getByText("Drop the story here")).toBeVisible();
  drag("dragleave");
  expect(screen.queryByText("Drop the story here")).not.toBeInTheDocument();
  drag("dragover");
  const drop = drag("drop", new File(["Fog."], "fog.txt"));
  expect(drop.defaultPrevented).toBe(true);
  expect(screen.queryByText("Drop the story here")).not.toBeInTheDocument();
  expect(await screen.findByRole("button", { name: "Make project" })).toBeVisible();
});

test("of several files dropped none is taken, and that is told", async () => {
  const requests = serve({ [LIST]: () => page([project("Sea")]) });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  drag("drop", new File(["Fog."], "fog.txt"), new File(["Sea."], "sea.txt"));
  expect(toast.say).toHaveBeenCalledWith("One story at a time: drop just one of the 2 files.");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(requests).toHaveLength(1);
});

test("text pasted on the page is looked at, and can be changed afterwards", async () => {
  serve({
    [LIST]: () => page([project("Sea")]),
    "POST /api/projects/preview/": () => Response.json(preview()),
  });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  fireEvent.paste(document.body, { clipboardData: { files: [], getData: () => "Fog came in." } });
  await userEvent.click(await screen.findByRole("button", { name: "Choose another story" }));
  expect(screen.getByRole("textbox", { name: "Or paste the text" })).toHaveValue("Fog came in.");
});

test("text pasted into the search is only that", async () => {
  const requests = serve({ [LIST]: () => page([project("Sea")]) });
  show(<Dashboard />);
  await screen.findByRole("link", { name: "Sea" });
  await userEvent.click(screen.getByRole("textbox", { name: "Search projects" }));
  await userEvent.paste("sea");
  expect(screen.getByRole("textbox", { name: "Search projects" })).toHaveValue("sea");
  expect(requests.every(({ method }) => method === "GET")).toBe(true);
});
