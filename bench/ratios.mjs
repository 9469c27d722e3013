// Prints Parlando's figures beside kokoro-js's as ratios: ratios.mjs ROUNDS.jsonl. Each line of the
// file is one run of either; pairs are made in order. Both speak the same text, so speed is
// compared as words a second; throughput as audio a second is shown too, since trimmed silence
// shortens our audio.
import { readFileSync } from "node:fs";

const rows = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => JSON.parse(line));
const ours = rows.filter((row) => row.engine !== "kokoro-js");
const peer = rows.filter((row) => row.engine === "kokoro-js");
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const figures = [
  ["load (s)", (r) => r.load_s, "less"],
  ["sentence, first audio (s)", (r) => r.sentence_first_audio_s, "less"],
  ["long text, first audio (s)", (r) => r.text_first_audio_s, "less"],
  ["long text, whole (s)", (r) => r.text_work_s, "less"],
  ["long text, audio (s)", (r) => r.text_audio_s, ""],
  ["long text, real-time factor", (r) => r.text_work_s / r.text_audio_s, "less"],
  ["long text, throughput (x real time)", (r) => r.text_audio_s / r.text_work_s, "more"],
  ["peak memory (MB)", (r) => r.peak_memory_mb, "less"],
];
console.log(`${Math.min(ours.length, peer.length)} interleaved rounds, medians\n`);
console.log("figure".padEnd(38) + "parlando".padStart(10) + "kokoro-js".padStart(11) + "  ratio of pairs (min-max)");
for (const [name, get, better] of figures) {
  const ratios = ours.map((row, i) => get(row) / get(peer[i]));
  const span = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
  console.log(name.padEnd(38) + median(ours.map(get)).toFixed(2).padStart(10) + median(peer.map(get)).toFixed(2).padStart(11) +
    `  ${median(ratios).toFixed(2)} (${span})${better ? `, ${better} is better` : ""}`);
}
