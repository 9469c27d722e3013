import { fileNamePart } from "@/file-name";

/** Enough to tell it from others. */
const TEXT_LENGTH = 48;

/** Whole words that fit; part of the first word when even that does not. */
function beginning(text: string): string {
  const line = text.trim().split(/\n/, 1)[0] ?? "";
  if (line.length <= TEXT_LENGTH) return line;
  const head = line.slice(0, TEXT_LENGTH);
  const end = head.search(/\s\S*$/);
  return end > 0 ? head.slice(0, end) : head;
}

/** "The clocks were striking thirteen - af_bella.mp3" */
export function speechName(text: string, voice: string, format: string): string {
  const parts = [fileNamePart(beginning(text)), fileNamePart(voice)].filter((part) => part !== "");
  return `${parts.join(" - ") || "speech"}.${format}`;
}
