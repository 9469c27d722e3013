// How much of what was said was heard.
import { plain } from "./real_speech.mjs";

// Words that are missing, added or other, in the shortest way from one text to the other.
export function wordErrors(heard, said) {
  const [a, b] = [plain(heard).split(" "), plain(said).split(" ")];
  let row = b.map((_, i) => i + 1);
  a.forEach((word, i) => {
    let [left, diagonal] = [i + 1, i];
    row = row.map((above, j) => {
      const best = Math.min(above + 1, left + 1, diagonal + (word === b[j] ? 0 : 1));
      [left, diagonal] = [best, above];
      return best;
    });
  });
  return row.at(-1);
}

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
