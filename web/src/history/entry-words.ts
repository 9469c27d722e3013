/** An entry in words. */
import type { HistoryEntry } from "@/api/history";
import { t } from "@/strings/strings";

/** What a list calls it: how its text begins, or its file's name. */
export function titleOf({ text_preview: preview, input_filename: file, type }: HistoryEntry): string {
  if (type === "stt" && file !== null) return file;
  return preview.trim() || t("history.noText");
}

/** Who spoke it, or what heard it: "Bella · kokoro". */
export function makersOf({ voice, engine, model }: HistoryEntry): string {
  return [voice, engine ?? model].filter((maker) => maker !== null && maker !== "").join(" · ");
}
