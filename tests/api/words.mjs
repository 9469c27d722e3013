// How much of what was said was heard.
import { plain } from "./real_speech.mjs";

// Lower-case words without punctuation.
export const wordsOf = (text) => text.toLowerCase().replace(/[^a-z0-9' ]+/g, " ").split(/\s+/).filter(Boolean);

// Words that are missing, added or other, in the shortest way from one list to the other (Levenshtein's
// distance).
export function distance(said, heard) {
  let row = Array.from({ length: heard.length + 1 }, (_, i) => i);
  for (const [i, word] of said.entries()) {
    const next = [i + 1];
    for (const [j, other] of heard.entries()) next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (word === other ? 0 : 1)));
    row = next;
  }
  return row[heard.length];
}

export const wordErrors = (heard, said) => distance(plain(said).split(" "), plain(heard).split(" "));

// The word error rate: 0 is all of it.
export const wordErrorRate = (heard, said) => wordErrors(heard, said) / plain(said).split(" ").length;

// The word error rate of each paragraph of what was said, when all of it was heard in one go.
export function paragraphErrors(heard, paragraphs) {
  const words = plain(heard).split(" ");
  const said = paragraphs.flatMap((paragraph, number) => plain(paragraph).split(" ").map((word) => ({ word, number })));
  const cost = Array.from({ length: words.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= said.length; j++) cost[0][j] = j;
  for (let i = 1; i <= words.length; i++)
    for (let j = 1; j <= said.length; j++)
      cost[i][j] = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (words[i - 1] === said[j - 1].word ? 0 : 1));
  const errors = paragraphs.map(() => 0);
  for (let [i, j] = [words.length, said.length]; i > 0 || j > 0; ) {
    const { number } = said[Math.max(0, j - 1)];
    const isSame = i > 0 && j > 0 && words[i - 1] === said[j - 1].word;
    if (i > 0 && j > 0 && cost[i][j] === cost[i - 1][j - 1] + (isSame ? 0 : 1)) {
      errors[number] += isSame ? 0 : 1;
      [i, j] = [i - 1, j - 1];
    } else if (j > 0 && cost[i][j] === cost[i][j - 1] + 1) {
      errors[number] += 1;
      j -= 1;
    } else {
      errors[number] += 1;
      i -= 1;
    }
  }
  return errors.map((count, number) => count / said.filter((each) => each.number === number).length);
}
