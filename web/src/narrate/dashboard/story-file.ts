/** Stories as people bring them: files they choose or drop, text they paste. */
import { wordsOf } from "@/api/client";
import { t } from "@/strings/strings";

export const STORY_FILES = ".txt,.md,.json,.epub";

const MEBIBYTE = 2 ** 20;
const TEXT_LIMIT = 16 * MEBIBYTE;
const LIMIT = 256 * MEBIBYTE; // of an EPUB; the server refuses what is neither

/** A file that cannot be sent, in words for the one who chose it. */
class StoryFileError extends Error {
  override name = "StoryFileError";
}

/** Why a story could not be read, here or by the server. */
export const storyReason = (error: unknown) =>
  error instanceof StoryFileError ? error.message : wordsOf(error);

const mebibytes = (bytes: number) => String(Math.ceil((bytes / MEBIBYTE) * 10) / 10);

function limitOf(name: string): number {
  return /\.(txt|md|json)$/i.test(name) ? TEXT_LIMIT : LIMIT;
}

/** Refuses what is too large, a folder, and a file that is gone or may not be read. */
export async function checkStoryFile(file: File): Promise<void> {
  const limit = limitOf(file.name);
  if (file.size > limit) {
    const sizes = { size: mebibytes(file.size), limit: mebibytes(limit) };
    throw new StoryFileError(t("narrate.import.tooLarge", { name: file.name, ...sizes }));
  }
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new StoryFileError(t("narrate.import.unreadable", { name: file.name }));
  }
}

/** The name has no extension, so that the server tells text, Markdown and JSON apart by content. */
export function storyOfText(text: string): File {
  return new File([text], t("narrate.import.pastedName"), { type: "text/plain" });
}

export interface Pasted {
  file: File;
  /** When it was text: the same, to be changed. */
  text?: string;
}

/** Office programs put a picture of the text beside it, file managers the path beside the file. */
export function storyOfClipboard(data: DataTransfer): Pasted | null {
  const file = [...data.files].find(({ type }) => !type.startsWith("image/"));
  if (file) return { file };
  const text = data.getData("text/plain");
  return text.trim() === "" ? null : { file: storyOfText(text), text };
}
