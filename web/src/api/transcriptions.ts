/**
 * What was said in a recording, as it is heard: POST /v1/audio/transcriptions, whose deltas are segments with
 * the times of their words.
 *
 * XMLHttpRequest, because it alone tells how much of a file has been sent, and lets an answer be read while
 * it comes.
 */
import { ApiError, errorOf, tellKeyNeeded } from "./client";
import { t } from "@/strings/strings";
import { EventLines } from "./event-lines";

const ADDRESS = "/v1/audio/transcriptions";

/** Any that can be had: the server maps the name to what it has. */
const MODEL = "whisper-1";

/** Times are in seconds from the beginning of the recording. */
export interface TimedWord {
  word: string;
  start: number;
  end: number;
}

export interface SpokenSegment {
  start: number;
  end: number;
  text: string;
  words: readonly TimedWord[];
}

export interface TranscriptionEnd {
  text: string;
  /** In English: "english". */
  language: string | null;
  model: string | null;
  duration: number | null;
  /** Else they were spread over their segment. */
  areWordsMeasured: boolean;
  historyId: string | null;
}

export interface TranscriptionListener {
  /** How much of the file has been sent, from 0 to 1. */
  sent: (share: number) => void;
  segment: (segment: SpokenSegment) => void;
}

/** An event's fields, as far as they were told. */
interface Told {
  type?: string;
  delta?: string;
  text?: string;
  start?: number;
  end?: number;
  words?: TimedWord[];
  language?: string | null;
  model?: string | null;
  duration?: number | null;
  words_are_measured?: boolean;
  history_id?: string | null;
  error?: unknown;
}

function segmentOf({ start = 0, end = 0, delta = "", words = [] }: Told): SpokenSegment {
  return {
    start,
    end,
    text: delta.trim(),
    words: words.map(({ word, ...at }) => ({ ...at, word: word.trim() })),
  };
}

function endOf(told: Told): TranscriptionEnd {
  return {
    text: (told.text ?? "").trim(),
    language: told.language ?? null,
    model: told.model ?? null,
    duration: told.duration ?? null,
    areWordsMeasured: told.words_are_measured ?? false,
    historyId: told.history_id ?? null,
  };
}

/** Takes an answer's events as they come. */
class Answer {
  /** What the last event told, once it came. */
  end: TranscriptionEnd | undefined;
  #lines = new EventLines();
  #read = 0;

  constructor(private readonly listener: TranscriptionListener) {}

  /** text: all that came so far. */
  take(text: string): void {
    const piece = text.slice(this.#read);
    this.#read = text.length;
    for (const data of this.#lines.push(piece)) if (data !== "[DONE]") this.#tell(JSON.parse(data) as Told);
  }

  #tell(told: Told): void {
    if (told.error !== undefined) throw errorOf(500, told);
    if (told.type === "transcript.text.delta") this.listener.segment(segmentOf(told));
    if (told.type === "transcript.text.done") this.end = endOf(told);
  }
}

function formOf(file: File): FormData {
  const form = new FormData();
  form.append("model", MODEL);
  form.append("stream", "true");
  form.append("timestamp_granularities[]", "word");
  form.append("file", file, file.name);
  return form;
}

function refusalOf({ status, responseText }: XMLHttpRequest): ApiError {
  if (status === 401) {
    tellKeyNeeded();
    return new ApiError(401, t("session.needed"));
  }
  try {
    return errorOf(status, JSON.parse(responseText));
  } catch {
    return errorOf(status, null); // from somebody between the server and us
  }
}

/** Resolves once all was heard. The signal's abort ends it on the server, too. */
export function transcribe(
  file: File,
  listener: TranscriptionListener,
  signal: AbortSignal,
): Promise<TranscriptionEnd> {
  return new Promise((resolve, reject: (reason: Error) => void) => {
    const request = new XMLHttpRequest();
    const answer = new Answer(listener);
    const fail = (reason: unknown) => {
      reject(reason as Error);
      request.abort();
    };
    const take = () => {
      if (request.status === 200) answer.take(request.responseText);
    };
    const guarded = (act: () => void) => () => {
      try {
        act();
      } catch (reason) {
        fail(reason);
      }
    };

    request.upload.onprogress = ({ loaded, total }) => listener.sent(total > 0 ? loaded / total : 0);
    request.upload.onload = () => listener.sent(1);
    request.onprogress = guarded(take);
    request.onload = guarded(() => {
      take();
      if (request.status !== 200) reject(refusalOf(request));
      else if (answer.end) resolve(answer.end);
      else reject(new ApiError(0, t("transcribe.cutOff")));
    });
    request.onerror = () =>
      reject(new ApiError(0, t(request.status === 200 ? "transcribe.cutOff" : "error.unreachable")));
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    request.open("POST", ADDRESS);
    request.send(formOf(file));
  });
}
