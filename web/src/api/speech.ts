/** Speech as it is made: its answer begins with the first sentence. */
import { api, ApiError, type Schemas } from "./client";
import { t } from "@/strings/strings";

export const SPEED_MIN = 0.25;
export const SPEED_MAX = 4;

export const FORMATS = ["mp3", "opus", "aac", "flac", "wav", "pcm"] as const;
export type AudioFormat = (typeof FORMATS)[number];

export type SpeechBody = Schemas["SpeechBody"];

/** Audio that has begun to arrive, and what the server said of it. */
export interface SpeechAnswer {
  mediaType: string;
  engine: string;
  /** Empty where the engine has only one. */
  model: string;
  voice: string;
  /** The entry that it will be in the history; null when it is not kept. */
  historyId: string | null;
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface StreamedAnswer {
  data?: unknown;
  response: Response;
}

/** Voices may be called in any script, and headers are ASCII. */
const headerOf = ({ headers }: Response, name: string) => decodeURIComponent(headers.get(name) ?? "");

function answerOf({ data, response }: StreamedAnswer): SpeechAnswer {
  return {
    mediaType: response.headers.get("Content-Type") ?? "",
    engine: headerOf(response, "X-Parlando-Engine"),
    model: headerOf(response, "X-Parlando-Model"),
    voice: headerOf(response, "X-Parlando-Voice"),
    historyId: response.headers.get("X-History-Id"),
    stream: data as ReadableStream<Uint8Array<ArrayBuffer>>,
  };
}

/** Resolves when the first sound is there; the signal ends the speech at any time. */
export async function requestSpeech(speech: SpeechBody, signal: AbortSignal): Promise<SpeechAnswer> {
  return answerOf(await api.POST("/v1/audio/speech", { body: speech, parseAs: "stream", signal }));
}

/** The same, of an entry of the history that is spoken again. */
export async function requestAgain(entryId: string, signal: AbortSignal): Promise<SpeechAnswer> {
  const params = { path: { id: entryId } };
  return answerOf(await api.POST("/api/history/{id}/regenerate/", { params, parseAs: "stream", signal }));
}

/** Calls back with each piece; throws when the answer ends before the speech does. */
export async function readSpeech(
  { stream }: SpeechAnswer,
  onPiece: (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>,
): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, t("speak.cutOff"));
    });
    if (done) return;
    await onPiece(value);
  }
}
