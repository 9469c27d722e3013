/** Leaves room for the rest of the name: file systems take 255 bytes, and a character may need three. */
const TITLE_LENGTH = 80;

/** What no file may be called on one system or another. */
const UNSAFE = /[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu;

/** A recording's name once it is a file of its own; a folder of them sorts in the order of the story. */
export function recordingName(title: string, number: number, count: number): string {
  const digits = Math.max(2, String(count).length);
  const file = `${String(number).padStart(digits, "0")}.wav`;
  const safe = trimmed(title.replace(UNSAFE, " ").replace(/\s+/g, " "));
  const short = trimmed(Array.from(safe).slice(0, TITLE_LENGTH).join(""));
  return short === "" ? file : `${short} - ${file}`;
}

/** A dot in front hides a file; one at the end is lost on Windows. */
const trimmed = (name: string) => name.replace(/^[\s.]+|[\s.]+$/g, "");
