// Our own Kokoro engine beside ONNX Runtime: parity.mjs KOKORO-FOLDER WORK-FOLDER CASES; see bench/parity.
// PARLANDO and KOKORO_PASS name the programs.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import ort from "onnxruntime-node";
import { distance, wordsOf } from "../tests/api/words.mjs";

const [kokoro, work, limit] = process.argv.slice(2);
const { PARLANDO: program, KOKORO_PASS: passes, VERBOSE: verbose } = process.env;
const RATE = 24000;
const STYLE = 256;
const VOICES = ["af_bella", "am_adam", "bf_emma", "bm_george", "af_heart", "am_michael"];
const SPEEDS = [1, 0.5, 2];
const SENTENCES = 100;
const FRAMES = "/encoder/Cast_output_0";
const F0 = "/encoder/F0_proj/Conv_output_0";

// --- what is spoken ---

const languageOf = (voice) => (voice.startsWith("b") ? "en-gb" : "en-us");
const parlando = (args, input) => execFileSync(program, args, { input, maxBuffer: 1 << 26 }).toString();
const lines = (text) => text.trim().split("\n");

function sentences() {
  const own = lines(readFileSync(new URL("sentences.txt", import.meta.url), "utf8"));
  const story = lines(parlando(["text", "--file", new URL("../data/bench.txt", import.meta.url).pathname]));
  return [...own, ...story].slice(0, SENTENCES);
}

function cases() {
  const all = sentences();
  const rotation = all.map((text, i) => ({ text, voice: VOICES[i % 6], speed: SPEEDS[(i + Math.floor(i / 6)) % 3] }));
  const five = [0, 24, 49, 74, 99].map((i) => all[i]);
  const grid = five.flatMap((text) => VOICES.flatMap((voice) => SPEEDS.map((speed) => ({ text, voice, speed }))));
  return [...rotation, ...grid].slice(0, Number(limit));
}

// Token ids with the pads, and the style for so many.
function request({ text, voice, speed }) {
  const tokens = parlando(["text", "--tokens", "--lang", languageOf(voice), "-"], text);
  const ids = [0, ...tokens.trim().split(/\s+/).map(Number), 0];
  const styles = new Float32Array(readFileSync(join(kokoro, "voices", `${voice}.bin`)).buffer);
  return { ids, speed, style: styles.slice((ids.length - 2) * STYLE, (ids.length - 1) * STYLE) };
}

// --- ONNX Runtime ---

// ModelProto.graph.output (7, 12) with a name and an element type: protobuf joins repeated fields, so that
// behind the model's own bytes this makes outputs of tensors that are none.
const field = (number, bytes) => Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
const output = (name, type) => field(12, Buffer.concat([field(1, Buffer.from(name)), field(2, field(1, Buffer.from([8, type])))]));
const outputs = (...all) => Buffer.concat(all.map((each) => field(7, each)));

async function openSession(level) {
  const model = Buffer.concat([readFileSync(join(kokoro, "model.onnx")), outputs(output(FRAMES, 7), output(F0, 1))]);
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: level, intraOpNumThreads: 2 });
  return async ({ ids, style, speed }) => {
    const result = await session.run({
      input_ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
      style: new ort.Tensor("float32", style, [1, STYLE]),
      speed: new ort.Tensor("float32", [speed], [1]),
    });
    return { samples: result.waveform.data, frames: [...result[FRAMES].data].map(Number), f0: result[F0].data };
  };
}

// --- our own engine ---

function openNative() {
  const child = spawn(passes, [dirname(kokoro), join(kokoro, "model.onnx")], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true, // Ctrl-C is ours to answer; it ends with its input
  });
  const chunks = child.stdout[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);

  async function take(size) {
    const parts = [rest];
    for (let have = rest.length; have < size; have += parts.at(-1).length) {
      const { value, done } = await chunks.next();
      if (done) throw new Error("kokoro_pass has ended");
      parts.push(value);
    }
    const all = Buffer.concat(parts);
    rest = all.subarray(size);
    return all.buffer.slice(all.byteOffset, all.byteOffset + size);
  }

  async function run({ ids, style, speed }, f0 = new Float32Array(0)) {
    const bytes = (list) => Buffer.from(list.buffer, list.byteOffset, list.byteLength);
    child.stdin.write(Buffer.concat([
      bytes(Uint32Array.of(ids.length, f0.length)), bytes(Float32Array.of(speed)), bytes(style),
      bytes(BigInt64Array.from(ids, BigInt)), bytes(f0),
    ]));
    const frames = [...new BigInt64Array(await take(8 * ids.length))].map(Number);
    const [count] = new Uint32Array(await take(4));
    return { frames, samples: new Float32Array(await take(4 * count)) };
  }
  return { run, close: () => child.stdin.end() };
}

// --- comparing ---

function snr(reference, other) {
  let signal = 0;
  let noise = 0;
  reference.forEach((x, i) => ((signal += x * x), (noise += (x - other[i]) ** 2)));
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

// Samples of 16 bits, with 0.3 s of silence around them: Moonshine mishears what begins at once.
function writeWav(path, samples) {
  const pad = 0.3 * RATE;
  const data = Int16Array.from({ length: samples.length + 2 * pad }, (_, i) =>
    Math.max(-32768, Math.min(32767, Math.round((samples[i - pad] ?? 0) * 32767))));
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.byteLength, 4);
  head.write("WAVEfmt ", 8);
  [[16, 4], [1, 2], [1, 2], [RATE, 4], [2 * RATE, 4], [2, 2], [16, 2]].reduce((at, [value, size]) => head.writeUIntLE(value, at, size), 16);
  head.write("data", 36);
  head.writeUInt32LE(data.byteLength, 40);
  writeFileSync(path, Buffer.concat([head, Buffer.from(data.buffer)]));
}

function transcripts(count) {
  const names = ["onnx", "native", "other"];
  const files = Array.from({ length: count }, (_, i) => names.map((name) => join(work, `${i}-${name}.wav`)));
  execFileSync(program, ["transcribe", "-q", "--format", "text", "-o", work, ...files.flat()], { stdio: ["ignore", "ignore", "inherit"] });
  return files.map((three) => three.map((file) => wordsOf(readFileSync(file.replace(/wav$/, "txt"), "utf8"))));
}

function row(name, ratios) {
  const sorted = ratios.filter((ratio) => ratio !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return;
  const quantile = (q) => sorted[Math.floor(q * (sorted.length - 1))].toFixed(1).padStart(9);
  console.log(name.padEnd(46) + quantile(0.5) + quantile(0.05) + quantile(0));
}

function heardAlike(name, texts, column) {
  const other = texts.filter((three) => distance(three[0], three[column]) > 0);
  const words = other.reduce((sum, three) => sum + distance(three[0], three[column]), 0);
  console.log(`${name}: ${texts.length - other.length} of ${texts.length} alike, ${words} words differ`);
  for (const three of other) console.log(`  onnx: ${three[0].join(" ")}\n  else: ${three[column].join(" ")}`);
}

const native = openNative();
const onnx = await openSession("all");
const plain = await openSession("disabled");
const list = cases();
const results = [];
let isStopped = false;
process.once("SIGINT", () => (isStopped = true)); // Ctrl-C: what was spoken until then is told

for (const [i, each] of list.entries()) {
  if (isStopped) break;
  const asked = request(each);
  const reference = await onnx(asked);
  const other = await plain(asked);
  const ours = await native.run(asked);
  const alike = (x) => x.frames.every((frames, j) => frames === reference.frames[j]);
  const result = { ...each, sameFrames: alike(ours), otherSameFrames: alike(other) };
  if (result.sameFrames) {
    result.ours = snr(reference.samples, ours.samples);
    result.given = snr(reference.samples, (await native.run(asked, reference.f0)).samples);
  }
  if (result.otherSameFrames) result.other = snr(reference.samples, other.samples);
  results.push(result);
  Object.entries({ onnx: reference, native: ours, other }).forEach(([name, { samples }]) => writeWav(join(work, `${i}-${name}.wav`), samples));
  if (verbose)
    console.error([i, each.voice, each.speed, result.sameFrames, result.ours?.toFixed(1), result.given?.toFixed(1), result.other?.toFixed(1), each.text].join("\t"));
}
native.close();

const count = (key) => results.filter((result) => result[key]).length;
console.log(`${results.length} cases; load average ${loadavg()[0].toFixed(1)}\n`);
console.log(`durations as ONNX Runtime's: ${count("sameFrames")} of ${results.length} (its own without optimisation: ${count("otherSameFrames")})\n`);
console.log("signal-to-noise ratio in dB against onnx".padEnd(46) + "median".padStart(9) + "5 %".padStart(9) + "worst".padStart(9));
row("native", results.map((result) => result.ours));
row("native, given onnx's pitch", results.map((result) => result.given));
row("onnx without optimisation", results.map((result) => result.other));
console.log(`
The model adds up the phase of its source in 32-bit floats. There the last bit of a pitch decides how sums
of hundreds of turns are rounded, and with that all samples behind it: whoever rounds elsewhere gets a
slightly other phase, as ONNX Runtime does with itself. With the same pitch that is gone.
`);
const texts = transcripts(results.length);
heardAlike("heard of native and onnx", texts, 1);
heardAlike("heard of onnx without optimisation and onnx", texts, 2);
