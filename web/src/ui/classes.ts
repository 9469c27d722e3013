import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names joined; of two Tailwind classes that contradict each other, the later wins. */
export function classes(...values: ClassValue[]): string {
  return twMerge(clsx(values));
}
