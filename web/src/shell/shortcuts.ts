/**
 * Keyboard shortcuts. Whoever binds one lists it in the overlay that `?` opens, for as long as it is bound.
 *
 * Nothing fires while somebody types, in a dialog or in a menu, or where the key already has a meaning for
 * what is focused. Single characters can be turned off (WCAG 2.1.4): dictation software types them.
 */
import { useEffect, useId } from "react";
import { useHotkeys } from "react-hotkeys-hook";
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { browserStorage } from "@/browser-storage";

export interface Shortcut {
  keys: string;
  group: string;
  label: string;
}

interface ShortcutOptions {
  /** The heading it is listed under. */
  group: string;
  /** What it does. */
  label: string;
  isEnabled?: boolean;
}

/** Those bound now, by the component that did. */
export const useShortcutList = create<Record<string, Shortcut>>(() => ({}));

/** Whether shortcuts that are a single character are on; remembered. */
export const useCharacterKeys = create<{ isOn: boolean }>()(
  persist((): { isOn: boolean } => ({ isOn: true }), {
    name: "parlando.characterKeys",
    storage: createJSONStorage(() => browserStorage),
  }),
);

/** Keys as react-hotkeys-hook names them: "q", "shift+?", "mod+z", "left", "space", "comma"; several with commas. */
export function useShortcut(
  keys: string,
  action: (event: KeyboardEvent) => void,
  { group, label, isEnabled = true }: ShortcutOptions,
): void {
  const id = useId();
  const isAllowed = useCharacterKeys(({ isOn }) => isOn) || !isCharacter(keys);

  useHotkeys(keys, action, {
    enabled: isEnabled && isAllowed,
    preventDefault: true,
    useKey: !NAMED.test(keys), // the character, wherever the keyboard has it
    ignoreEventWhen: isMeantOtherwise,
    enableOnFormTags: ["slider"], // it takes arrows, which it prevents from firing, and no letters
  });
  useEffect(() => {
    useShortcutList.setState({ [id]: { keys, group, label } });
    return () => {
      const others = Object.entries(useShortcutList.getState()).filter(([one]) => one !== id);
      useShortcutList.setState(Object.fromEntries(others), true);
    };
  }, [id, keys, group, label]);
}

const CHARACTER = /^(shift\+)?(.|space|comma|period)$/;

/** Characters that are found by the name of their key: a comma separates shortcuts, a space is cut off. */
const NAMED = /space|comma|period/;

function isCharacter(keys: string): boolean {
  return keys.split(",").some((key) => CHARACTER.test(key.trim()));
}

const LAYERS = ["dialog", "alertdialog", "menu", "listbox"]
  .map((role) => `[role="${role}"][data-state="open"]`)
  .join();
const FIELDS = "input, textarea, select, [contenteditable]:not([contenteditable='false']), [role='textbox']";
const PRESSABLE =
  "button, a[href], summary, [role='button'], [role='tab'], [role='checkbox'], [role='switch']";

/** Whether the key is somebody else's: a field's, an open layer's, or the focused button's. */
function isMeantOtherwise(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : document.body;
  return (
    event.defaultPrevented ||
    event.isComposing ||
    target.closest(FIELDS) !== null ||
    ((event.key === " " || event.key === "Enter") && target.closest(PRESSABLE) !== null) ||
    document.querySelector(LAYERS) !== null
  );
}
