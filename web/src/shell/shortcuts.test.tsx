import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { renderPage } from "../../tests/page";
import { Dialog } from "@/ui/dialog";
import { Input } from "@/ui/input";
import { Menu, MenuItem } from "@/ui/menu";
import { usePanels } from "./panels";
import { useCharacterKeys, useShortcut } from "./shortcuts";
import { ShortcutsOverlay } from "./shortcuts-overlay";

const OPTIONS = { group: "Cards", label: "Do it" };

function Bound({
  keys,
  action,
  isEnabled = true,
}: {
  keys: string;
  action: () => void;
  isEnabled?: boolean;
}) {
  useShortcut(keys, action, { ...OPTIONS, isEnabled });
  return null;
}

beforeEach(() => {
  useCharacterKeys.setState({ isOn: true });
  usePanels.setState({ open: null });
});

test.each([
  ["a letter", "k", "k"],
  ["a sign that needs shift", "shift+?", "{Shift>}?{/Shift}"],
  ["a space", "space", " "],
  ["a named key", "left", "{ArrowLeft}"],
  ["a combination", "mod+enter", "{Control>}{Enter}{/Control}"],
  ["the second of two", "j,k", "k"],
])("%s fires", async (_case, keys, typed) => {
  const action = vi.fn();
  renderPage(<Bound keys={keys} action={action} />);
  await userEvent.keyboard(typed);
  expect(action).toHaveBeenCalledOnce();
});

test("the browser's own combinations are left alone", async () => {
  const action = vi.fn();
  renderPage(<Bound keys="k" action={action} />);
  await userEvent.keyboard("{Control>}k{/Control}{Alt>}k{/Alt}{Meta>}k{/Meta}");
  expect(action).not.toHaveBeenCalled();
});

test("one that is not enabled does nothing", async () => {
  const action = vi.fn();
  renderPage(<Bound keys="k" action={action} isEnabled={false} />);
  await userEvent.keyboard("k");
  expect(action).not.toHaveBeenCalled();
});

test.each([
  ["a field", <Input key="1" aria-label="here" />],
  ["a text area", <textarea key="1" aria-label="here" />],
  ["a choice", <select key="1" aria-label="here" />],
  ["editable text", <div key="1" contentEditable tabIndex={0} role="textbox" aria-label="here" />],
])("nothing fires while somebody types in %s", async (_case, field) => {
  const action = vi.fn();
  renderPage(
    <>
      <Bound keys="k" action={action} />
      {field}
    </>,
  );
  screen.getByLabelText("here").focus();
  await userEvent.keyboard("k");
  expect(action).not.toHaveBeenCalled();
});

test("a space presses the focused button instead, and another key fires there", async () => {
  const action = vi.fn();
  const press = vi.fn();
  renderPage(
    <>
      <Bound keys="space,k" action={action} />
      <button onClick={press}>Press</button>
    </>,
  );
  screen.getByRole("button").focus();
  await userEvent.keyboard(" ");
  expect(press).toHaveBeenCalledOnce();
  expect(action).not.toHaveBeenCalled();
  await userEvent.keyboard("k");
  expect(action).toHaveBeenCalledOnce();
});

test("a slider keeps its arrows, and another key fires there", async () => {
  const [onLetter, onArrow] = [vi.fn(), vi.fn()];
  renderPage(
    <>
      <Bound keys="k" action={onLetter} />
      <Bound keys="right" action={onArrow} />
      <div
        role="slider"
        tabIndex={0}
        aria-valuenow={0}
        onKeyDown={(event) => event.key === "ArrowRight" && event.preventDefault()}
      />
    </>,
  );
  await userEvent.tab();
  expect(screen.getByRole("slider")).toHaveFocus();
  await userEvent.keyboard("k{ArrowRight}");
  expect(onLetter).toHaveBeenCalledOnce();
  expect(onArrow).not.toHaveBeenCalled();
});

test("nothing fires in a dialog", async () => {
  const action = vi.fn();
  renderPage(
    <>
      <Bound keys="k" action={action} />
      <Dialog isOpen onOpenChange={() => undefined} title="Ask">
        <button>Yes</button>
      </Dialog>
    </>,
  );
  await userEvent.keyboard("k");
  expect(action).not.toHaveBeenCalled();
});

test("nothing fires while a menu is open, and it does again afterwards", async () => {
  const action = vi.fn();
  renderPage(
    <>
      <Bound keys="k" action={action} />
      <Menu trigger={<button>More</button>}>
        <MenuItem>Kill</MenuItem>
      </Menu>
    </>,
  );
  await userEvent.click(screen.getByRole("button"));
  await userEvent.keyboard("k");
  expect(action).not.toHaveBeenCalled();
  await userEvent.keyboard("{Escape}");
  await userEvent.keyboard("k");
  expect(action).toHaveBeenCalledOnce();
});

test("the overlay lists what is bound, each once, by group, with its keys", async () => {
  renderPage(
    <>
      <Bound keys="j,shift+left" action={() => undefined} />
      <Bound keys="j,shift+left" action={() => undefined} />
      <ShortcutsOverlay />
    </>,
  );
  await userEvent.keyboard("{Shift>}?{/Shift}");
  const overlay = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  expect(screen.getByRole("heading", { name: "Cards" })).toBeVisible();
  expect(screen.getAllByText("Do it")).toHaveLength(1);
  expect([...overlay.querySelectorAll("kbd")].map((key) => key.textContent)).toEqual([
    "J",
    "Shift",
    "←",
    "?",
  ]);
});

test("what is no longer bound is no longer listed", async () => {
  const { rerender } = renderPage(<Bound keys="j" action={() => undefined} />);
  rerender(<div />);
  renderPage(<ShortcutsOverlay />);
  await userEvent.keyboard("{Shift>}?{/Shift}");
  await screen.findByRole("dialog");
  expect(screen.queryByText("Do it")).toBeNull();
});

test("single keys can be turned off for good; combinations stay", async () => {
  const single = vi.fn();
  const combined = vi.fn();
  renderPage(
    <>
      <Bound keys="k" action={single} />
      <Bound keys="mod+k" action={combined} />
      <ShortcutsOverlay />
    </>,
  );
  await userEvent.keyboard("{Shift>}?{/Shift}");
  await userEvent.click(await screen.findByRole("checkbox", { name: /single key/ }));
  await userEvent.keyboard("{Escape}");
  await userEvent.keyboard("k{Shift>}?{/Shift}{Control>}k{/Control}");
  expect(single).not.toHaveBeenCalled();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(combined).toHaveBeenCalledOnce();
  expect(localStorage.getItem("parlando.characterKeys")).toContain('"isOn":false');
});
