/** What was heard, as a file to keep. */
import { download } from "@/sound/download";
import { type Cue, cuesOf } from "./cues";
import type { Transcription } from "./transcriptions";

/** What each is called, by its extension. */
export const TRANSCRIPT_FORMATS = {
  txt: "text/plain",
  srt: "application/x-subrip",
  vtt: "text/vtt",
  json: "application/json",
} as const;

export type TranscriptFormat = keyof typeof TRANSCRIPT_FORMATS;

/** "00:01:02,500", with the sign in front of the milliseconds that the format wants. */
function timestamp(seconds: number, sign: string): string {
  const all = Math.round(seconds * 1000);
  const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
  const [hours, minutes, rest] = [Math.floor(all / 3_600_000), Math.floor(all / 60_000) % 60, all % 60_000];
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(Math.floor(rest / 1000), 2)}${sign}${pad(rest % 1000, 3)}`;
}

const timesOf = ({ start, end }: Cue, sign: string) =>
  `${timestamp(start, sign)} --> ${timestamp(end, sign)}`;

const srtOf = (cues: readonly Cue[]) =>
  cues.map((cue, index) => `${index + 1}\n${timesOf(cue, ",")}\n${cue.text}\n`).join("\n");

/** WebVTT takes "&", "<" and ">" for markup. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const vttOf = (cues: readonly Cue[]) =>
  ["WEBVTT\n", ...cues.map((cue) => `${timesOf(cue, ".")}\n${escaped(cue.text)}\n`)].join("\n");

/** As verbose_json of the API names things. */
function jsonOf({ segments, end }: Transcription): string {
  const told = {
    task: "transcribe",
    language: end?.language ?? null,
    model: end?.model ?? null,
    duration: end?.duration ?? null,
    text: end?.text ?? "",
    words_are_measured: end?.areWordsMeasured ?? false,
    segments: segments.map(({ start, end, text }, id) => ({ id, start, end, text })),
    words: segments.flatMap(({ words }) => words),
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}

/** All that was said, a line for each segment. */
export const textOf = ({ segments, end }: Transcription) =>
  segments.length > 0 ? segments.map(({ text }) => text).join("\n") : (end?.text ?? "");

export function transcriptText(transcription: Transcription, format: TranscriptFormat): string {
  switch (format) {
    case "txt":
      return `${textOf(transcription)}\n`;
    case "srt":
      return srtOf(cuesOf(transcription.segments));
    case "vtt":
      return vttOf(cuesOf(transcription.segments));
    case "json":
      return jsonOf(transcription);
  }
}

/** "talk.mp3" becomes "talk.srt". */
export const transcriptName = (recording: string, format: TranscriptFormat) =>
  `${recording.replace(/\.[^.]*$/, "") || recording}.${format}`;

export function downloadTranscript(transcription: Transcription, format: TranscriptFormat): void {
  const file = new Blob([transcriptText(transcription, format)], { type: TRANSCRIPT_FORMATS[format] });
  download(file, transcriptName(transcription.name, format));
}
