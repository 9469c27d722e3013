import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { renderPage, serve } from "../../tests/page";
import { tellKeyNeeded } from "@/api/client";
import { useSession } from "@/api/session";
import { useSettings } from "@/api/voices";
import { KeyDialog } from "./key-dialog";
import { KeyNotice } from "./key-notice";
import { SignOut } from "./sign-out";

let isLocked = true;

/** A server with the key "right". */
function serveLocked() {
  isLocked = true;
  return serve(({ method, path, body }) => {
    if (path !== "/api/session/")
      return isLocked
        ? { status: 401, body: { detail: "A key is needed." } }
        : { body: { default_voice_id: "bf_emma" } };
    isLocked = method === "DELETE" || (body as { key: string }).key !== "right";
    return isLocked && method === "POST"
      ? { status: 401, body: { detail: "This key is not right." } }
      : { status: 204 };
  });
}

function Voice() {
  return <output>{useSettings().data?.default_voice_id ?? "unknown"}</output>;
}

function Problem() {
  return <p role="alert">{useSettings().error?.message}</p>;
}

beforeEach(() => {
  localStorage.clear();
  useSession.setState(useSession.getInitialState(), true);
});

async function enter(key: string) {
  await userEvent.type(screen.getByLabelText("API key"), key);
  await userEvent.click(screen.getByRole("button", { name: "Continue" }));
}

test("a refused answer asks for the key, a right one shows what was refused", async () => {
  serveLocked();
  renderPage(
    <>
      <Voice />
      <KeyDialog />
    </>,
  );
  await screen.findByRole("dialog", { name: "Key needed" });
  expect(screen.getByLabelText("API key")).toHaveFocus();
  await enter("right");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(await screen.findByText("bf_emma")).toBeVisible();
});

test("a key that is put off is still asked for above the page", async () => {
  serveLocked();
  renderPage(
    <>
      <KeyNotice />
      <Problem />
      <KeyDialog />
    </>,
  );
  await screen.findByRole("dialog", { name: "Key needed" });
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("status")).toHaveTextContent("This server asks for a key.");
  expect(screen.getByRole("alert")).toHaveTextContent(/^This server asks for a key\.$/);

  await userEvent.click(screen.getByRole("button", { name: "Enter key" }));
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.getByRole("button", { name: "Enter key" })).toHaveFocus();

  await userEvent.keyboard("{Enter}");
  await enter("right");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
});

test("a wrong key is said to be wrong, and can be corrected", async () => {
  serveLocked();
  renderPage(<KeyDialog />);
  act(tellKeyNeeded);
  await enter("wrong");
  const field = screen.getByLabelText("API key");
  expect(await screen.findByRole("alert")).toHaveTextContent("That is not the key. Check it and try again.");
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription(/not the key/);
  await userEvent.clear(field);
  await enter("right");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a server that is away is said to be away", async () => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));
  renderPage(<KeyDialog />);
  act(tellKeyNeeded);
  await enter("right");
  expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
});

test("signing out is offered where a key was given, and shows nothing any more", async () => {
  const calls = serveLocked();
  renderPage(
    <>
      <SignOut />
      <Voice />
      <KeyDialog />
    </>,
  );
  await screen.findByRole("dialog");
  expect(screen.queryByRole("button", { name: "Sign out", hidden: true })).toBeNull();
  await enter("right");
  await screen.findByText("bf_emma");
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("dialog", { name: "Key needed" })).toBeVisible();
  expect(screen.getByText("unknown")).toBeInTheDocument();
  expect(calls).toContainEqual({ method: "DELETE", path: "/api/session/", body: undefined });
  expect(useSession.getState().isOpen).toBe(false);
});
