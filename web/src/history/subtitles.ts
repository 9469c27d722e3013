/** A speech's words as subtitles, as the server writes them. */
import type { HistoryDetail, HistoryEntry } from "@/api/history";
import { speechName } from "@/speak/speech-name";

export const SUBTITLE_FORMATS = ["srt", "vtt"] as const;
export type SubtitleFormat = (typeof SUBTITLE_FORMATS)[number];

/** There is nothing to show at any time without words. */
export const hasSubtitles = ({ type, words }: HistoryDetail) => type === "tts" && words.length > 0;

export const subtitlesUrl = (id: string, format: SubtitleFormat) =>
  `/api/history/${id}/subtitles/?format=${format}&download=1`;

export const subtitlesName = ({ text_preview: text, voice }: HistoryEntry, format: SubtitleFormat) =>
  speechName(text, voice ?? "", format);
