import { type RefObject, useRef } from "react";

/**
 * Where focus goes when a layer closes: to what had it before. Radix does so only for layers that know
 * their trigger, and ours are opened by state. What was chosen from a menu is gone by then; its trigger is not.
 *
 * instead: what gets the focus when that is gone, too.
 */
export function useFocusReturn(instead?: () => HTMLElement | null) {
  const before: RefObject<HTMLElement | null> = useRef(null);

  return {
    onOpenAutoFocus: () => {
      before.current = returnable(document.activeElement);
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const target = before.current?.isConnected ? before.current : instead?.();
      target?.focus();
    },
  };
}

function returnable(focused: Element | null): HTMLElement | null {
  const trigger = focused?.closest("[role='menu']")?.getAttribute("aria-labelledby");
  if (trigger) return document.getElementById(trigger);
  return focused instanceof HTMLElement ? focused : null;
}
