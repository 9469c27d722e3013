import { type RefObject, useRef } from "react";

/**
 * Where focus is in a layer that opens, and where it goes when that closes: to what had it before. Radix
 * does so only for layers that know their trigger, and ours are opened by state. What was chosen from a menu
 * is gone by then; its trigger is not.
 *
 * instead: what gets the focus when that is gone, too.
 */
export function useLayerFocus(instead?: () => HTMLElement | null) {
  const before: RefObject<HTMLElement | null> = useRef(null);

  return {
    onOpenAutoFocus: (event: Event) => {
      before.current = returnable(document.activeElement);
      if (event.currentTarget instanceof HTMLElement) focusStart(event, event.currentTarget);
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const target = before.current?.isConnected ? before.current : instead?.();
      target?.focus();
    },
  };
}

/** A field to write in comes first. Where there is none, it is the layer itself: read from its title on. */
function focusStart(event: Event, layer: HTMLElement): void {
  if (layer.getAttribute("role") === "alertdialog" || layer.querySelector(FIELD)) return; // Radix focuses what comes first
  event.preventDefault();
  layer.focus();
}

const FIELD = "input:not([type='checkbox'], [type='radio']), textarea, select, [data-autofocus]";

function returnable(focused: Element | null): HTMLElement | null {
  const trigger = focused?.closest("[role='menu']")?.getAttribute("aria-labelledby");
  if (trigger) return document.getElementById(trigger);
  return focused instanceof HTMLElement ? focused : null;
}

/** Toasts lie above every layer: pressing one is no reason to close it. */
export function ignoreToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest("[data-sonner-toaster]"))
    event.preventDefault();
}
