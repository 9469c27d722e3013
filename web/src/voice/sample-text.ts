/** What an audition says of a segment: its first sentences, enough to tell a voice by. */

/** The server takes no more. */
export const SAMPLE_MAX = 300;

/** "Dr." counts as a sentence, and a cry is one: neither says much about a voice. */
const SAMPLE_MIN = 40;

const HAS_WORDS = /[\p{L}\p{N}]/u;

/** Whole words that fit; part of the first word when even that does not. */
function cut(text: string): string {
  const characters = Array.from(text); // code points, as the server counts
  if (characters.length <= SAMPLE_MAX) return text;
  const head = characters.slice(0, SAMPLE_MAX).join("");
  const end = head.search(/\s\S*$/);
  return end > 0 ? head.slice(0, end) : head;
}

/** Undefined when there is nothing to say. */
export function sampleText(text: string | undefined): string | undefined {
  const sentences = new Intl.Segmenter(undefined, { granularity: "sentence" });
  let sample = "";
  for (const { segment } of sentences.segment(text ?? "")) {
    if (sample !== "" || HAS_WORDS.test(segment)) sample += segment;
    if (sample.trimEnd().length >= SAMPLE_MIN) break;
  }
  return sample === "" ? undefined : cut(sample.trim());
}
