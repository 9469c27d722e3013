/** An entry in words. */
import type { HistoryEntry } from "@/api/history";
import { inARow } from "@/speak/facts";
import { t } from "@/strings/strings";

/** Characters of a text that lists have. */
const PREVIEW_LENGTH = 200;

/** How its text begins. */
export function previewOf({ text_preview: preview }: HistoryEntry): string {
  const shown = preview.trim();
  if (shown === "") return t("history.noText");
  return Array.from(preview).length < PREVIEW_LENGTH ? shown : `${shown}…`;
}

/** What it is called: a recording by its file's name, a speech by its text. */
export function titleOf(entry: HistoryEntry): string {
  return entry.input_filename ?? previewOf(entry);
}

/** Who spoke it, or what heard it: "Bella · kokoro". */
export function makersOf({ voice, engine, model }: HistoryEntry): string {
  return inARow([voice, engine ?? model].filter((maker): maker is string => Boolean(maker)));
}
