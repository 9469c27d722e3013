import { useEffect, useEffectEvent } from "react";
import { type Pasted, storyOfClipboard } from "./story-file";

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, [contenteditable]") !== null;
}

/** Takes a story pasted while no field has the focus. */
export function useStoryPaste(onPaste: (pasted: Pasted) => void, isEnabled: boolean): void {
  const paste = useEffectEvent((event: ClipboardEvent) => {
    if (!isEnabled || isField(event.target) || !event.clipboardData) return;
    const pasted = storyOfClipboard(event.clipboardData);
    if (!pasted) return;
    event.preventDefault();
    onPaste(pasted);
  });

  useEffect(() => {
    const listener = (event: ClipboardEvent) => paste(event);
    document.addEventListener("paste", listener);
    return () => document.removeEventListener("paste", listener);
  }, []);
}
