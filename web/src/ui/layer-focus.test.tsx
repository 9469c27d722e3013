import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { expect, test } from "vitest";
import { renderPage } from "../../tests/page";
import { Button } from "./button";
import { Confirm } from "./confirm";
import { Dialog } from "./dialog";
import { Input } from "./input";
import { Menu, MenuItem } from "./menu";

function Asking({ children }: { children?: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Ask</Button>
      <Menu trigger={<Button>More</Button>}>
        <MenuItem onSelect={() => setOpen(true)}>Ask too</MenuItem>
      </Menu>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="Question">
        {children}
      </Dialog>
    </>
  );
}

test("a dialog begins at its first field", async () => {
  renderPage(
    <Asking>
      <Input aria-label="Answer" />
    </Asking>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  expect(screen.getByLabelText("Answer")).toHaveFocus();
});

test("a dialog without a field is read from its title on", async () => {
  renderPage(<Asking />);
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  expect(screen.getByRole("dialog", { name: "Question" })).toHaveFocus();
});

test("focus returns to the button that opened it", async () => {
  renderPage(<Asking />);
  const button = screen.getByRole("button", { name: "Ask" });
  await userEvent.click(button);
  await userEvent.keyboard("{Escape}");
  expect(button).toHaveFocus();
});

test("focus returns to the trigger of the menu that it was chosen from", async () => {
  renderPage(<Asking />);
  const trigger = screen.getByRole("button", { name: "More" });
  await userEvent.click(trigger);
  await userEvent.click(screen.getByRole("menuitem", { name: "Ask too" }));
  await userEvent.click(await screen.findByRole("button", { name: "Close" }));
  await waitFor(() => expect(trigger).toHaveFocus());
});

function Deleting() {
  const [isOpen, setOpen] = useState(false);
  const [isThere, setThere] = useState(true);
  return (
    <>
      <h1 tabIndex={-1}>Cards</h1>
      {isThere && <Button onClick={() => setOpen(true)}>Delete card</Button>}
      <Confirm
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Delete the card?"
        about="It goes."
        action="Delete"
        onConfirm={() => setThere(false)}
        focusInstead={() => screen.getByRole("heading")}
      />
    </>
  );
}

test("a question begins at the button that does no harm; what is deleted passes the focus on", async () => {
  renderPage(<Deleting />);
  await userEvent.click(screen.getByRole("button", { name: "Delete card" }));
  expect(screen.getByRole("alertdialog", { name: "Delete the card?" })).toHaveAccessibleDescription(
    "It goes.",
  );
  expect(screen.getByRole("button", { name: "Cancel" })).toHaveFocus();
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(screen.getByRole("heading", { name: "Cards" })).toHaveFocus();
});
