// One JSON line about kokoro-js: peer-speed.mjs MODEL TEXT VOICE, the figures of `parlando bench --json`.
import { readFileSync } from "node:fs";
import { TextSplitterStream } from "kokoro-js";
import { openPeer } from "./peer.mjs";

const [modelFile, textFile, voice] = process.argv.slice(2);
const vocabulary = JSON.parse(readFileSync(new URL("../data/kokoro_vocab.json", import.meta.url), "utf8"));
const seconds = () => performance.now() / 1000;

let start = seconds();
const tts = await openPeer(modelFile, vocabulary);
const load = seconds() - start;

async function stream(text) {
  const splitter = new TextSplitterStream();
  splitter.push(text);
  splitter.close();
  const begun = seconds();
  let first = 0;
  let audio = 0;
  for await (const piece of tts.stream(splitter, { voice })) {
    first ||= seconds() - begun;
    audio += piece.audio.audio.length / piece.audio.sampling_rate;
  }
  return { first, audio, work: seconds() - begun };
}

await stream("Hello, how are you today?"); // warm-up, as in `parlando bench`
const sentence = await stream("Hello, how are you today?");
const text = await stream(readFileSync(textFile, "utf8"));
const peak = +readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1] / 1024;
console.log(JSON.stringify({
  engine: "kokoro-js", load_s: load, sentence_first_audio_s: sentence.first, text_first_audio_s: text.first,
  text_audio_s: text.audio, text_work_s: text.work, peak_memory_mb: peak,
}));
