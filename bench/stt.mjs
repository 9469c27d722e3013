// Speech to text, ours beside the same weights on onnxruntime-node: stt.mjs SPEECH [rounds=3].
// SPEECH is the folder that bench/stt has filled. PIECES=0 leaves the pieces out, FILES=0 the files;
// MINUTES bounds the recordings.
//
// The pieces: each is given to both runners, in turn and in changing order, on one thread. The files: whole
// programs on the same recording, in turn, with all they do: starting, loading, decoding, finding the
// speech. Words are compared with each other, and with references where there are some.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openMoonshine } from "./moonshine.mjs";
import { cutPieces, openVoiceActivity } from "./pieces.mjs";
import { decode } from "./stt-peer.mjs";
import { distance, wordsOf } from "../tests/api/words.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = process.env.PARLANDO ?? join(here, "..", "build", "parlando");
const runner = process.env.HEAR_PIECES ?? join(here, "..", "build", "bench", "hear_pieces");
const models = execFileSync(program, ["models", "path"]).toString().trim();
const speech = process.argv[2];
const rounds = Number(process.argv[3] ?? 3);
const minutes = Number(process.env.MINUTES ?? 12);

// ---- recordings ----

const rate = 16000;
const sounds = join(speech, "usr/share/asterisk/sounds/en_US_f_Allison");
const clips = join(speech, "usr/share/pocketsphinx/test/data");

function prompts() {
  const names = readdirSync(sounds, { recursive: true }).map(String).filter((name) => name.endsWith(".g722"));
  return names.sort().map((name) => join(sounds, name)).filter((file) => statSync(file).size > 8000 * 1.2);
}

// Prompts one after the other, with rests as between sentences, some two minutes each.
function joinedPrompts() {
  const out = [];
  let parts = [];
  let length = 0;
  let total = 0;
  const close = () => {
    const samples = new Float32Array(length);
    let at = 0;
    for (const part of parts) {
      samples.set(part, at);
      at += part.length + rests(parts.indexOf(part));
    }
    if (length) out.push({ name: `prompts ${out.length + 1}`, samples });
    parts = [];
    length = 0;
  };
  const rests = (i) => Math.round(rate * (0.5 + 0.2 * (i % 5)));
  for (const file of prompts()) {
    if (total > minutes * 60 * rate) break;
    const samples = decode(file);
    total += samples.length + rests(parts.length);
    length += samples.length + rests(parts.length);
    parts.push(samples);
    if (length > 120 * rate) close();
  }
  close();
  return out;
}

function references() {
  const out = [];
  for (const [folder, listing] of [["librivox", "transcription"], ["cards", "cards.transcription"]])
    for (const line of readFileSync(join(clips, folder, listing), "utf8").split("\n")) {
      const match = line.match(/<s>(.*)<\/s>\s*\((.*)\)/);
      const file = match && join(clips, folder, `${match[2]}.wav`);
      if (match && existsSync(file)) out.push({ name: match[2], samples: decode(file), text: match[1].trim() });
    }
  return out;
}

// ---- our runner of pieces ----

function openRunner() {
  const child = spawn(runner, [models], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async hear(samples) {
      const count = Buffer.alloc(4);
      count.writeUInt32LE(samples.length);
      child.stdin.write(count);
      child.stdin.write(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
      const { value, done } = await lines.next();
      if (done) throw new Error("hear_pieces has ended");
      return JSON.parse(value);
    },
    async close() {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

// ---- figures ----

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const sum = (list) => list.reduce((total, n) => total + n, 0);
const percent = (wrong, count) => `${wrong} of ${count} words, ${((100 * wrong) / Math.max(count, 1)).toFixed(2)} %`;

function speedLine(name, seconds, ours, peer) {
  const ratios = ours.map((s, i) => peer[i] / s);
  const factor = (list) => (median(list) / seconds).toFixed(4);
  console.log(`${name.padEnd(46)} ours ${factor(ours)}  peer ${factor(peer)}  ` +
    `x${median(ratios).toFixed(2)} faster (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`);
}

// ---- pieces ----

async function comparePieces(recordings) {
  const probabilities = await openVoiceActivity(join(models, "silero", "silero_vad_v5.onnx"));
  const ours = openRunner();
  const peers = [await openMoonshine(join(models, "moonshine"), 1), await openMoonshine(join(models, "moonshine"), 2)];
  const times = { ours: [], peers: [[], []] };
  let seconds = 0;
  let wrong = 0;
  let count = 0;
  const against = { ours: 0, peer: 0, words: 0 };

  for (let round = 0; round < rounds; round++) {
    const spent = { ours: 0, peers: [0, 0] };
    for (const recording of recordings) {
      recording.pieces ??= cutPieces(recording.samples, await probabilities(recording.samples))
        .map(([from, to]) => recording.samples.slice(from, to));
      const texts = { ours: [], peer: [] };
      for (const [i, piece] of recording.pieces.entries()) {
        const runs = [
          async () => {
            const heard = await ours.hear(piece);
            spent.ours += heard.work_s;
            texts.ours.push(heard.text);
          },
          ...peers.map((peer, k) => async () => {
            const from = performance.now();
            const text = await peer(piece);
            spent.peers[k] += (performance.now() - from) / 1000;
            if (k === 0) texts.peer.push(text);
          }),
        ];
        for (let k = 0; k < runs.length; k++) await runs[(k + i + round) % runs.length]();
        if (round === 0) seconds += piece.length / rate;
      }
      if (round > 0) continue;
      const got = wordsOf(texts.ours.join(" "));
      const other = wordsOf(texts.peer.join(" "));
      const differ = distance(other, got);
      wrong += differ;
      count += other.length;
      if (differ) console.log(`  ${recording.name}: ${differ} differ\n    ours ${texts.ours.join(" ")}\n    peer ${texts.peer.join(" ")}`);
      if (recording.text) {
        const expected = wordsOf(recording.text.replace(/\bmister\b/g, "mr"));
        against.words += expected.length;
        against.ours += distance(expected, got);
        against.peer += distance(expected, other);
      }
    }
    times.ours.push(spent.ours);
    spent.peers.forEach((s, k) => times.peers[k].push(s));
  }
  await ours.close();
  console.log(`\nPieces: ${sum(recordings.map((r) => r.pieces.length))}, ${(seconds / 60).toFixed(1)} minutes of speech, ${rounds} rounds, real-time factors`);
  speedLine("one thread each", seconds, times.ours, times.peers[0]);
  speedLine("one thread, the peer two", seconds, times.ours, times.peers[1]);
  console.log(`words that differ between the two              ${percent(wrong, count)}`);
  console.log(`against references, ours                       ${percent(against.ours, against.words)}`);
  console.log(`against references, peer                       ${percent(against.peer, against.words)}`);
}

// ---- files ----

function writeWav(file, samples) {
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "f32le", "-ar", `${rate}`, "-ac", "1", "-i", "-", file],
    { input: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength) });
}

function timed(command, args, env = {}) {
  const from = performance.now();
  const out = execFileSync(command, args, { env: { ...process.env, PARLANDO_MODELS: models, ...env }, maxBuffer: 1 << 28 });
  return { seconds: (performance.now() - from) / 1000, out: JSON.parse(out) };
}

function compareFiles(recordings) {
  const gap = rate * 2;
  const all = new Float32Array(sum(recordings.map((r) => r.samples.length + gap)));
  let at = 0;
  for (const r of recordings) {
    all.set(r.samples, at);
    at += r.samples.length + gap;
  }
  const file = join(speech, "all.wav");
  writeWav(file, all);
  const peerFile = join(here, "stt-peer.mjs");
  const systems = {
    "ours": () => timed(program, ["transcribe", "-q", "-f", "json", file]),
    "ours, one thread": () => timed(program, ["transcribe", "-q", "-f", "json", "--threads", "1", file]),
    "peer": () => timed(process.execPath, [peerFile, file]),
    "peer, two threads": () => timed(process.execPath, [peerFile, file], { THREADS: "2" }),
  };
  const names = Object.keys(systems);
  const spent = Object.fromEntries(names.map((name) => [name, []]));
  const texts = {};
  for (let round = 0; round < rounds; round++)
    for (let k = 0; k < names.length; k++) {
      const name = names[(k + round) % names.length];
      const { seconds, out } = systems[name]();
      spent[name].push(seconds);
      texts[name] = wordsOf(out.text);
    }
  const seconds = all.length / rate;
  console.log(`\nFiles: one of ${(seconds / 60).toFixed(1)} minutes, ${rounds} rounds, real-time factors of the whole program`);
  const peerBest = median(spent["peer"]) < median(spent["peer, two threads"]) ? "peer" : "peer, two threads";
  speedLine(`as they come (${peerBest})`, seconds, spent["ours"], spent[peerBest]);
  speedLine("one thread each", seconds, spent["ours, one thread"], spent["peer"]);
  console.log(`words that differ between the two              ${percent(distance(texts["peer"], texts["ours"]), texts["peer"].length)}`);
  console.log(`words that differ between one thread and more  ${percent(distance(texts["ours, one thread"], texts["ours"]), texts["ours"].length)}`);
}

const recordings = [...references(), ...joinedPrompts()];
if (process.env.PIECES !== "0") await comparePieces(recordings);
if (process.env.FILES !== "0") compareFiles(recordings);
