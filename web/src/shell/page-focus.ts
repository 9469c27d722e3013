import { type RefObject, useEffect, useRef } from "react";
import { useLocation } from "react-router";

/**
 * After a navigation the page begins at its top and focus is on its heading, so that it is read out and
 * Tab goes on from there. A page that still loads gets the focus itself, and its heading once it is there.
 */
export function usePageFocus(main: RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const shown = useRef(pathname);

  useEffect(() => {
    if (shown.current === pathname || !main.current) return;
    shown.current = pathname;
    return focusHeading(main.current);
  }, [pathname, main]);
}

/** Returns how to stop waiting for the heading. */
function focusHeading(page: HTMLElement): () => void {
  const focusNow = () => {
    const heading = page.querySelector<HTMLElement>("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
    return heading !== null;
  };
  const arrival = new MutationObserver(() => {
    if (document.activeElement !== page || focusNow()) arrival.disconnect();
  });

  page.scrollTop = 0;
  if (!focusNow()) {
    page.focus();
    arrival.observe(page, { childList: true, subtree: true });
  }
  return () => arrival.disconnect();
}
