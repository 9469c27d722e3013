// Word error rates: the sentences of a file spoken by Parlando and by kokoro-js with the same
// weights and voices, transcribed by Moonshine tiny. wer.mjs [voice…]
//
// Both the sentence and its transcript are read by `parlando text` first, so that "5" and "five"
// are the same word whoever spoke. Needs sox.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openMoonshine } from "./moonshine.mjs";
import { openPeer } from "./peer.mjs";
import { distance, wordsOf } from "../tests/api/words.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.PARLANDO ?? join(here, "..", "build", "parlando");
const models = execFileSync(program, ["models", "path"]).toString().trim();
const voices = process.argv.length > 2 ? process.argv.slice(2) : ["af_bella", "am_adam", "bf_emma"];
const sentences = readFileSync(join(here, "sentences.txt"), "utf8").trim().split("\n");
const extra = (process.env.PARLANDO_ARGS ?? "").split(" ").filter(Boolean);

// 24 kHz to 16 kHz, through sox, with 0.3 s of silence at either end of everybody's recordings:
// Moonshine mishears what begins at once, as a trimmed recording does.
function to16k(samples) {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const raw = ["-t", "f32", "-c", "1"];
  const out = execFileSync("sox", ["-V1", ...raw, "-r", "24000", "-", ...raw, "-r", "16000", "-", "pad", "0.3", "0.3"],
    { input: bytes, maxBuffer: 1 << 28 });
  return new Float32Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.length));
}

function readWav(path) {
  const bytes = readFileSync(path);
  return Float32Array.from(new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44)), (s) => s / 32768);
}

// Every sentence's reading, lower-case words only. One call: the reading keeps a line a sentence.
function readings(texts) {
  return texts.map((text) =>
    wordsOf(execFileSync(program, ["text", "-"], { input: text || "." }).toString()));
}

function speakWithParlando(voice, folder) {
  const story = join(folder, "story.txt");
  const out = join(folder, voice);
  writeFileSync(story, sentences.join("\n\n") + "\n");
  execFileSync(program, ["narrate", story, "-o", out, "--engine", "kokoro", "--voice", voice, ...extra], { stdio: "ignore" });
  return readdirSync(out).filter((name) => name.endsWith(".wav")).sort().map((name) => readWav(join(out, name)));
}

const vocabulary = JSON.parse(readFileSync(join(here, "..", "data", "kokoro_vocab.json"), "utf8"));
const transcribe = await openMoonshine(join(models, "moonshine"));
const peer = process.env.NO_PEER ? null : await openPeer(join(models, "kokoro", "model.onnx"), vocabulary);
const folder = mkdtempSync(join(tmpdir(), "parlando-wer-"));
const expected = readings(sentences);
const wordCount = expected.reduce((sum, list) => sum + list.length, 0);
const totals = { parlando: 0, "kokoro-js": 0 };

async function judge(system, voice, recordings) {
  const texts = [];
  for (const samples of recordings) texts.push(await transcribe(to16k(samples)));
  const heard = readings(texts);
  let wrong = 0;
  heard.forEach((got, i) => {
    const n = distance(expected[i], got);
    wrong += n;
    if (n && process.env.VERBOSE) console.log(`  ${system} ${voice}: ${n}: ${sentences[i]}\n    heard: ${texts[i]}`);
  });
  totals[system] += wrong;
  console.log(`${system.padEnd(10)} ${voice.padEnd(10)} ${wrong} of ${wordCount} words wrong, WER ${((100 * wrong) / wordCount).toFixed(2)} %`);
}

try {
  for (const voice of voices) {
    await judge("parlando", voice, speakWithParlando(voice, folder));
    if (!peer) continue;
    const recordings = [];
    for (const sentence of sentences) recordings.push((await peer.generate(sentence, { voice })).audio);
    await judge("kokoro-js", voice, recordings);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const [system, wrong] of Object.entries(totals))
  console.log(`${system.padEnd(10)} all        ${wrong} of ${wordCount * voices.length} words wrong, WER ${((100 * wrong) / (wordCount * voices.length)).toFixed(2)} %`);
