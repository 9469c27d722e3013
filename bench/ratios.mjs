// Prints the figures of Parlando's own engine beside ONNX Runtime's and kokoro-js's as ratios: ratios.mjs
// ROUNDS.jsonl. Each line of the file is one run of one of them; rounds are made in order. All speak the
// same text, so speed is compared as words a second; throughput as audio a second is shown too, since
// trimmed silence shortens our audio.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

const rows = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => JSON.parse(line));
const systems = ["native", "onnx", "kokoro-js"].map((name) => ({ name, rows: rows.filter((row) => (row.runtime ?? row.engine) === name) }));
const [ours, ...others] = systems;
const rounds = Math.min(...systems.map((system) => system.rows.length));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const figures = [
  ["load (s)", (r) => r.load_s],
  ["sentence, first audio (s)", (r) => r.sentence_first_audio_s],
  ["long text, first audio (s)", (r) => r.text_first_audio_s],
  ["long text, whole (s)", (r) => r.text_work_s],
  ["long text, audio (s)", (r) => r.text_audio_s],
  ["long text, real-time factor", (r) => r.text_work_s / r.text_audio_s],
  ["peak memory (MB)", (r) => r.peak_memory_mb],
];
console.log(`${rounds} interleaved rounds, medians; in brackets how many times ours, and of single rounds; load average ${loadavg()[0].toFixed(1)}\n`);
console.log("figure".padEnd(30) + systems.map(({ name }, i) => name.padStart(i === 0 ? 10 : 30)).join(""));
for (const [name, get] of figures) {
  const beside = others.map((other) => {
    const ratios = Array.from({ length: rounds }, (_, i) => get(other.rows[i]) / get(ours.rows[i]));
    const mid = median(other.rows.map(get));
    return `${mid.toFixed(2)} (${(mid / median(ours.rows.map(get))).toFixed(2)}, ${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`.padStart(30);
  });
  console.log(name.padEnd(30) + median(ours.rows.map(get)).toFixed(2).padStart(10) + beside.join(""));
}
