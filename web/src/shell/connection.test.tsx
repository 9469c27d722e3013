import { act, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { renderPage } from "../../tests/page";
import { useStudio } from "@/api/events";
import { ConnectionMark, ConnectionNotice } from "./connection";

beforeEach(() => useStudio.setState(useStudio.getInitialState(), true));

test.each([
  ["connecting", "Connecting…"],
  ["open", "Connected"],
  ["lost", "Connection lost"],
] as const)("the mark says %s in words", (connection, words) => {
  useStudio.setState({ connection });
  renderPage(<ConnectionMark />);
  expect(screen.getByRole("img")).toHaveAccessibleName(words);
});

test("the notice is silent while all is fine, and announced when the connection is lost", () => {
  useStudio.setState({ connection: "open" });
  renderPage(<ConnectionNotice />);
  const status = screen.getByRole("status");
  expect(status).toBeEmptyDOMElement();
  act(() => useStudio.setState({ connection: "lost" }));
  expect(status).toHaveTextContent("Connection lost. Trying again…");
  act(() => useStudio.setState({ connection: "open" }));
  expect(status).toBeEmptyDOMElement();
});
