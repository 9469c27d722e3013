import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useRef } from "react";
import { Link, Outlet, Route, Routes } from "react-router";
import { beforeEach, expect, test } from "vitest";
import { create } from "zustand";
import { renderPage } from "../../tests/page";
import { usePageFocus } from "./page-focus";
import { usePageTitle } from "./page-title";

function Frame() {
  const main = useRef<HTMLElement>(null);
  usePageFocus(main);
  return (
    <>
      <Link to="/there">There</Link>
      <Link to="/narrate?segment=2">Same page</Link>
      <main ref={main} tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

function Here() {
  usePageTitle("Here");
  return <h1>Here</h1>;
}

const useArrival = create(() => ({ isThere: false }));
const arrive = () => useArrival.setState({ isThere: true });

/** A page whose heading comes with its data. */
function There() {
  const { isThere } = useArrival();
  usePageTitle(isThere ? "There" : undefined);
  return isThere && <h1>There</h1>;
}

function renderFrame() {
  renderPage(
    <Routes>
      <Route element={<Frame />}>
        <Route path="narrate" element={<Here />} />
        <Route path="there" element={<There />} />
      </Route>
    </Routes>,
  );
}

beforeEach(() => useArrival.setState({ isThere: false }));

test("the first page leaves focus and scrolling alone, and names the tab", () => {
  renderFrame();
  expect(document.body).toHaveFocus();
  expect(document.title).toBe("Here · Parlando");
});

test("another page begins at its top, on its heading as soon as that is there", async () => {
  renderFrame();
  const main = screen.getByRole("main");
  main.scrollTop = 300;
  await userEvent.click(screen.getByRole("link", { name: "There" }));
  expect(main).toHaveFocus();
  expect(main.scrollTop).toBe(0);
  expect(document.title).toBe("Parlando");
  act(arrive);
  await waitFor(() => expect(screen.getByRole("heading", { name: "There" })).toHaveFocus());
  expect(document.title).toBe("There · Parlando");
});

test("who went on meanwhile keeps the focus", async () => {
  renderFrame();
  await userEvent.click(screen.getByRole("link", { name: "There" }));
  const link = screen.getByRole("link", { name: "Same page" });
  link.focus();
  act(arrive);
  await screen.findByRole("heading", { name: "There" });
  expect(link).toHaveFocus();
});

test("another part of the same page takes no focus", async () => {
  renderFrame();
  const link = screen.getByRole("link", { name: "Same page" });
  await userEvent.click(link);
  expect(link).toHaveFocus();
});
