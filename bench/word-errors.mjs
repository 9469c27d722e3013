// Word errors: lower-case words without punctuation, and Levenshtein's distance between two lists.
export const words = (text) => text.toLowerCase().replace(/[^a-z0-9' ]+/g, " ").split(/\s+/).filter(Boolean);

export function errors(expected, got) {
  let row = Array.from({ length: got.length + 1 }, (_, i) => i);
  for (let i = 1; i <= expected.length; i++) {
    const next = [i];
    for (let j = 1; j <= got.length; j++)
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (expected[i - 1] !== got[j - 1]));
    row = next;
  }
  return row[got.length];
}
