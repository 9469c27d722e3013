/** What an audition says of a segment: its first sentence, as long as the server takes. */

export const SAMPLE_MAX = 300;

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
  for (const { segment } of sentences.segment(text ?? "")) {
    if (HAS_WORDS.test(segment)) return cut(segment.trim());
  }
  return undefined;
}
