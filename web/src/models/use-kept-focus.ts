import { type FocusEvent, useEffect, useRef } from "react";

/**
 * Keeps the focus within an element when the button that has it goes away, as one that was pressed often does:
 * it moves to what is marked with data-keeps-focus. change: what such a button depends on.
 */
export function useKeptFocus(change: string) {
  const element = useRef<HTMLElement>(null);
  const hasFocus = useRef(false);

  useEffect(() => {
    if (!hasFocus.current || document.activeElement !== document.body) return;
    element.current?.querySelector<HTMLElement>("[data-keeps-focus]")?.focus();
  }, [change]);
  return {
    ref: element,
    onFocus: () => (hasFocus.current = true),
    /** Some browsers tell that what has gone has lost the focus, too. */
    onBlur: ({ target }: FocusEvent) => (hasFocus.current = !target.isConnected),
  };
}
