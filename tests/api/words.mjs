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
