/** Text areas as tall as their text, in browsers that lack `field-sizing: content`. */
import { type RefObject, useLayoutEffect } from "react";

const GROWS_BY_ITSELF = "fieldSizing" in document.documentElement.style;

export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, value: string): void {
  useLayoutEffect(() => {
    if (!GROWS_BY_ITSELF && field.current) fit(field.current);
  }, [field, value]);
}

function fit(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
