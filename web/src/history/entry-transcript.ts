/** A transcript of the history, as the Transcribe tab has its own. */
import type { HistoryDetail } from "@/api/history";
import type { Transcription } from "@/transcribe/transcriptions";
import { titleOf } from "./entry-words";

/** Words are the entry's as a whole: each is the segment's in which it begins. */
export function transcriptionOf(entry: HistoryDetail): Transcription {
  const { id, full_text: text, language, model, duration_s: duration, words, segments } = entry;
  const wordsIn = (start: number, end: number) =>
    words.filter((word) => word.start >= start && word.start < end);
  const ends = segments.map(({ end }, place) => segments[place + 1]?.start ?? end);
  return {
    id,
    name: titleOf(entry),
    state: "done",
    sent: 1,
    duration,
    segments: segments.map((segment, place) => ({
      ...segment,
      words: wordsIn(segment.start, ends[place] ?? segment.end),
    })),
    end: {
      text,
      language,
      model,
      duration,
      areWordsMeasured: entry.words_are_measured,
      historyId: id,
    },
    error: null,
  };
}
