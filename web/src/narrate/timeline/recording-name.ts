import { fileNamePart } from "@/file-name";

/** A recording's name once it is a file of its own; a folder of them sorts in the order of the story. */
export function recordingName(title: string, number: number, count: number): string {
  const digits = Math.max(2, String(count).length);
  const file = `${String(number).padStart(digits, "0")}.wav`;
  const story = fileNamePart(title);
  return story === "" ? file : `${story} - ${file}`;
}
