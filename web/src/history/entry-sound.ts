/** An entry's audio, as something that the page plays. */
import type { HistoryEntry } from "@/api/history";
import type { Clip } from "@/sound/clip-player";
import type { OutlineSource } from "@/sound/use-outline";
import { speechName } from "@/speak/speech-name";

/** Bare samples are no file that a browser knows. */
const PLAYABLE = new Set(["mp3", "opus", "aac", "flac", "wav"]);

/** Null for what has no audio, or none that a browser plays. */
export function clipOf({ id, audio_url: url, format, duration_s: duration }: HistoryEntry): Clip | null {
  return url !== null && PLAYABLE.has(format ?? "") ? { id, url, duration } : null;
}

export function outlineSourceOf({ url, duration }: Clip): OutlineSource {
  return {
    key: url,
    seconds: duration,
    load: async (signal) => {
      const answer = await globalThis.fetch(url, { signal });
      if (!answer.ok) throw new Error(`the audio cannot be fetched: ${answer.status}`);
      return answer.blob();
    },
  };
}

/** As the file it is saved as. */
export const audioName = ({ text_preview: text, voice, format }: HistoryEntry) =>
  speechName(text, voice ?? "", format ?? "");
