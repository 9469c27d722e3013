// The peer of `parlando transcribe`: the same weights on onnxruntime-node. stt-peer.mjs FILE…
// prints a line of JSON a file. FFmpeg's program decodes.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openMoonshine } from "./moonshine.mjs";
import { cutPieces, openVoiceActivity } from "./pieces.mjs";

export function decode(file) {
  const args = ["-v", "error", "-i", file, "-f", "f32le", "-ac", "1", "-ar", "16000", "-"];
  const bytes = execFileSync("ffmpeg", args, { maxBuffer: 1 << 30 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const models = process.env.PARLANDO_MODELS;
  const threads = Number(process.env.THREADS ?? 1);
  const probabilities = await openVoiceActivity(join(models, "silero", "silero_vad_v5.onnx"));
  const transcribe = await openMoonshine(join(models, "moonshine"), threads);
  for (const file of process.argv.slice(2)) {
    const samples = decode(file);
    const texts = [];
    for (const [from, to] of cutPieces(samples, await probabilities(samples)))
      texts.push(await transcribe(samples.subarray(from, Math.min(to, samples.length))));
    console.log(JSON.stringify({ text: texts.filter(Boolean).join(" "), pieces: texts.length }));
  }
}
