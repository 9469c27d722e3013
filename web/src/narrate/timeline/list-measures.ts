/** Sizes the list is laid out by before, and between, what the browser measures. */
import { type RefObject, useLayoutEffect, useState } from "react";
import type { Segment } from "@/api/client";

const CARD_PX = 224;
const LINE_PX = 28;
const CHARACTER_PX = 8;

/** Before it is measured; good guesses keep the scroll bar steady. */
export function estimatedHeight(segment: Segment | undefined, lineLength: number): number {
  const lines = (segment?.text_content ?? "")
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / lineLength)), 0);
  return CARD_PX + Math.max(3, lines) * LINE_PX;
}

/** Where the list begins, how much of it a fixed header covers, and how many characters fit a line. */
export function useMeasures(
  list: RefObject<HTMLElement | null>,
  scroller: HTMLElement,
  header: HTMLElement | null,
) {
  const [measures, setMeasures] = useState({ margin: 0, covered: 0, lineLength: 80 });
  useLayoutEffect(() => {
    const measure = () => {
      if (!list.current) return;
      const { top, width } = list.current.getBoundingClientRect();
      const margin = Math.round(top - scroller.getBoundingClientRect().top + scroller.scrollTop);
      const isFixed = header !== null && getComputedStyle(header).position === "sticky";
      const covered = isFixed ? header.offsetHeight : 0;
      const lineLength = Math.max(20, Math.floor((width < 560 ? width - 40 : width - 220) / CHARACTER_PX));
      setMeasures((before) =>
        before.margin === margin && before.covered === covered && before.lineLength === lineLength
          ? before
          : { margin, covered, lineLength },
      );
    };
    const observer = new ResizeObserver(measure);
    for (const one of [scroller, header]) if (one) observer.observe(one);
    measure();
    return () => observer.disconnect();
  }, [list, scroller, header]);
  return measures;
}
