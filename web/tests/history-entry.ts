import type { HistoryDetail } from "@/api/history";

/** An entry as the server tells it: a speech with audio, unless it is said otherwise. */
export function makeEntry(entry: Partial<HistoryDetail> = {}): HistoryDetail {
  const id = entry.id ?? "entry-1";
  const text = entry.full_text ?? "Fog came in.";
  return {
    id,
    type: "tts",
    created_at: "2026-05-04T10:00:00.000Z",
    engine: "kokoro",
    model: "kokoro-v1.0",
    voice: "af_bella",
    speed: 1,
    format: "mp3",
    language: null,
    profile_id: null,
    text_preview: text.slice(0, 200),
    input_filename: null,
    output_path: `assets/history/${id}.mp3`,
    audio_url: `/api/history/${id}/audio/`,
    output_bytes: 24_000,
    duration_s: 1.5,
    has_audio: true,
    full_text: text,
    words: [],
    words_are_measured: true,
    segments: [],
    ...entry,
  };
}

/** A recording that was written down. */
export function makeTranscript(entry: Partial<HistoryDetail> = {}): HistoryDetail {
  return makeEntry({
    type: "stt",
    engine: "moonshine",
    voice: null,
    speed: null,
    format: null,
    language: "en",
    input_filename: "talk.mp3",
    output_path: null,
    audio_url: null,
    output_bytes: null,
    has_audio: false,
    ...entry,
  });
}
