import { t } from "@/strings/strings";

const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator.userAgent);

const NAMES: Readonly<Record<string, string>> = {
  alt: isApple ? "⌥" : "Alt",
  backspace: "⌫",
  comma: ",",
  ctrl: "Ctrl",
  delete: t("key.delete"),
  down: "↓",
  enter: "Enter",
  escape: "Esc",
  left: "←",
  meta: isApple ? "⌘" : "Meta",
  mod: isApple ? "⌘" : "Ctrl",
  period: ".",
  right: "→",
  shift: t("key.shift"),
  space: t("key.space"),
  up: "↑",
};

/** A shortcut's keys as they are printed on the keyboard: each way to press it, as keys held together. */
export function printedKeys(keys: string): string[][] {
  return keys.split(",").map((combination) => {
    const names = combination.trim().toLowerCase().split("+");
    const last = names.at(-1) ?? "";
    const isSign = last.length === 1 && last.toLowerCase() === last.toUpperCase();
    return names
      .filter((name) => !(name === "shift" && isSign)) // it is part of writing the sign
      .map((name) => NAMES[name] ?? name.toUpperCase());
  });
}
