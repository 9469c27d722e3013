/** File systems take 255 bytes, and a character may need three; the rest is for what else is in the name. */
const LENGTH = 80;

/** What no file may be called on one system or another. */
const UNSAFE = /[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu;

/** A dot in front hides a file; one at the end is lost on Windows. */
const trimmed = (name: string) => name.replace(/^[\s.]+|[\s.]+$/g, "");

/** Words as a part of a file's name; empty when nothing is left of them. */
export function fileNamePart(words: string): string {
  const safe = trimmed(words.replace(UNSAFE, " ").replace(/\s+/g, " "));
  return trimmed(Array.from(safe).slice(0, LENGTH).join(""));
}
