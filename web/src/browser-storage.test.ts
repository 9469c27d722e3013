import { beforeEach, expect, test, vi } from "vitest";
import { onKeyNeeded, tellKeyNeeded } from "./api/client";
import { openSession, useSession } from "./api/session";
import { useCharacterKeys } from "./shell/shortcuts";
import { toggleTheme, useTheme } from "./shell/theme";

beforeEach(() => localStorage.clear());

test("what was chosen is kept", () => {
  useTheme.setState({ theme: "dark" });
  expect(localStorage.getItem("parlando.theme")).toContain("dark");
});

test("where nothing can be kept, what was chosen holds all the same", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status: 204 }));
  const isTold = vi.fn();
  const stop = onKeyNeeded(isTold);

  useTheme.setState({ theme: "dark" });
  toggleTheme();
  useCharacterKeys.setState({ isOn: false });
  tellKeyNeeded();
  stop();
  expect(isTold).toHaveBeenCalledOnce();
  expect(useSession.getState().isKeyNeeded).toBe(true);
  await openSession("a key");

  expect(useTheme.getState().theme).toBe("light");
  expect(useCharacterKeys.getState().isOn).toBe(false);
  expect(useSession.getState()).toMatchObject({ isOpen: true, isKeyNeeded: false });
});
