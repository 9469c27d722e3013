// Writes tests/data/kokorojs_phonemes.tsv: what kokoro.js 1.2.1 (Apache-2.0) makes of our sentences.
//
//     mkdir /tmp/oracle && cd /tmp/oracle && npm install --ignore-scripts kokoro-js@1.2.1
//     node <repository>/tests/oracle/kokorojs_phonemes.mjs /tmp/oracle/node_modules/kokoro-js \
//         < sentences.tsv > kokorojs_phonemes.tsv
//
// Input: lines "language<tab>sentence", language en-us or en-gb; the first two columns of the
// committed table serve. Output columns: language, input, normalized (what its own normaliser hands
// to eSpeak) and phonemes. The package exports neither function, so its module is loaded from a copy
// with two additions: the phonemiser is exported, and it notes the text it has normalised.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const source = fs.readFileSync(path.join(folder, "dist/kokoro.js"), "utf8");
const [, name] = source.match(/async function (\w+)\(e,a="a",t=!0\)\{/);
const patched =
  source.replace(/const r=function\(e,a\)\{const t=\[\]/, (s) => `globalThis.normalized=e;${s}`)
    .replace(/import\{[^}]*\}from"@huggingface\/transformers";/,
      'const e=class{},a={},t=class{},r=class{},n={wasm:{}};') +
  `\nexport { ${name} as phonemize };`;
const copy = path.join(folder, "dist/kokoro.oracle.mjs");
fs.writeFileSync(copy, patched);
const { phonemize } = await import(pathToFileURL(copy));
fs.unlinkSync(copy);

console.log("language\tinput\tnormalized\tphonemes");
for (const line of fs.readFileSync(0, "utf8").split("\n")) {
  const [language, input] = line.split("\t");
  if (!input || language === "language") continue;
  const phonemes = await phonemize(input, language === "en-us" ? "a" : "b");
  console.log([language, input, globalThis.normalized, phonemes].join("\t"));
}
process.exit(0);
