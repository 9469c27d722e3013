/** Where the words of a segment stand in its text, and which of them is said at a time. */
import type { SpokenSegment, TimedWord } from "@/api/transcriptions";

/** A stretch of the text: a word with its times, or what lies between words. */
export interface TextPart {
  text: string;
  word: TimedWord | null;
}

/** All of the text, in order. A word that is not found there has no part of its own. */
export function partsOf({ text, words }: SpokenSegment): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  const between = (start: number) => {
    if (start > end) parts.push({ text: text.slice(end, start), word: null });
  };
  for (const word of words) {
    const start = word.word === "" ? -1 : text.indexOf(word.word, end);
    if (start < 0) continue;
    between(start);
    end = start + word.word.length;
    parts.push({ text: word.word, word });
  }
  between(text.length);
  return parts;
}

/** Of timed things in order the last that has begun; -1 before the first. */
export function indexAt(timed: readonly { start: number }[], time: number): number {
  let low = 0;
  let high = timed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timed[middle]?.start ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const wordCount = (text: string) => text.split(/\s+/).filter(Boolean).length;
