/**
 * Cues of subtitles, cut out of what was heard as broadcasters do: two lines of 42 columns and seven seconds at
 * most; one ends with its sentence, else where it is full.
 */
import type { SpokenSegment, TimedWord } from "@/api/transcriptions";

export interface Cue {
  start: number;
  end: number;
  /** One line, or two. */
  text: string;
}

const LINE_COLUMNS = 42;
const LINES = 2;
const SECONDS_MAX = 7;

/** A shorter sentence, or what only looks like one ("Mr."), shares its cue with the next. */
const SECONDS_MIN = 1;

const SENTENCE_END = /[.!?…][”"'’)\]]*$/;

/** As lines, each as full as it gets. */
function wrap(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_COLUMNS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const textsOf = (words: readonly TimedWord[]) => words.map(({ word }) => word);

function fits(words: readonly TimedWord[], next: TimedWord): boolean {
  const [first] = words;
  if (!first) return true;
  return wrap(textsOf([...words, next])).length <= LINES && next.end - first.start <= SECONDS_MAX;
}

const isSentence = (words: readonly TimedWord[], last: TimedWord) =>
  SENTENCE_END.test(last.word) && last.end - (words[0]?.start ?? last.start) >= SECONDS_MIN;

function cueOf(words: readonly TimedWord[]): Cue[] {
  const [first] = words;
  const last = words.at(-1);
  return first && last ? [{ start: first.start, end: last.end, text: wrap(textsOf(words)).join("\n") }] : [];
}

function cut({ start, end, text, words }: SpokenSegment): Cue[] {
  if (words.length === 0)
    return text === "" ? [] : [{ start, end, text: wrap(text.split(/\s+/)).join("\n") }];
  const cues: Cue[] = [];
  let held: TimedWord[] = [];
  for (const word of words) {
    if (!fits(held, word)) {
      cues.push(...cueOf(held));
      held = [];
    }
    held.push(word);
    if (isSentence(held, word)) {
      cues.push(...cueOf(held));
      held = [];
    }
  }
  return [...cues, ...cueOf(held)];
}

export const cuesOf = (segments: readonly SpokenSegment[]): Cue[] => segments.flatMap(cut);
