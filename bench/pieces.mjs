// Where somebody speaks, for the speech-to-text bench: Silero VAD on onnxruntime-node, and the rules of
// src/transcribe/cutter.c by which Parlando cuts a recording into pieces, so that both sides of the
// bench hear the same.
import ort from "onnxruntime-node";

const RATE = 16000;
const FRAME = 512;
const CONTEXT = 64;
const frames = (ms) => Math.floor((ms * RATE) / 1000 / FRAME);

const LONGEST = frames(25000);
const AROUND = frames(250);
const END_REST = frames(1000);
const CUT_REST = frames(300);
const SPEECH_MIN = 3;

export async function openVoiceActivity(file) {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const sr = new ort.Tensor("int64", BigInt64Array.of(BigInt(RATE)), []);

  // The probability of voice in each frame; the last one is filled up with silence.
  return async function probabilities(samples) {
    const count = Math.ceil(samples.length / FRAME);
    const padded = new Float32Array(CONTEXT + count * FRAME);
    padded.set(samples, CONTEXT);
    let state = new ort.Tensor("float32", new Float32Array(256), [2, 1, 128]);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const input = new ort.Tensor("float32", padded.subarray(i * FRAME, (i + 1) * FRAME + CONTEXT), [1, FRAME + CONTEXT]);
      const result = await session.run({ input, state, sr });
      state = result.stateN;
      out[i] = result.output.data[0];
    }
    return out;
  };
}

// Pieces as [first sample, sample behind the last].
export function cutPieces(samples, probabilities) {
  const speech = [];
  let speaking = false;
  for (const p of probabilities) speech.push((speaking = p >= (speaking ? Math.fround(0.35) : 0.5)));

  const padded = new Float32Array(speech.length * FRAME);
  padded.set(samples);
  const energy = (frame) => {
    let sum = 0;
    for (let i = frame * FRAME; i < (frame + 1) * FRAME; i++) sum += padded[i] * padded[i];
    return sum;
  };

  const pieces = [];
  let base = 0; // what is before has been given or forgotten
  let first = -1; // of the open piece
  let end = 0; // behind its last frame of speech
  const keep = (speechEnd, limit) => {
    const from = Math.max(base, first - AROUND);
    const to = Math.min(speechEnd + AROUND, limit);
    if (speech.slice(from, to).filter(Boolean).length >= SPEECH_MIN) pieces.push([from * FRAME, to * FRAME]);
  };
  const forget = (before, count) => {
    base = before;
    first = -1;
    for (let i = before; i < count; i++)
      if (speech[i]) {
        if (first < 0) first = i;
        end = i + 1;
      }
  };
  const longestRest = (count) => {
    let longest = CUT_REST - 1;
    let found = null;
    for (let i = first + Math.floor(LONGEST / 3); i < count; i++) {
      const start = i;
      while (i < count && !speech[i]) i++;
      if (i - start > longest) {
        longest = i - start;
        found = { at: start + Math.floor(longest / 2), end: start };
      }
    }
    return found;
  };
  const quietest = (count) => {
    let best = count - 1;
    let least = -1;
    for (let i = first + LONGEST - frames(5000); i + 1 < count; i++) {
      const sum = energy(i - 1) + energy(i) + energy(i + 1);
      if (least < 0 || sum < least) {
        least = sum;
        best = i;
      }
    }
    return { at: best, end: best };
  };

  for (let i = 0; i < speech.length; i++) {
    const count = i + 1;
    if (speech[i]) {
      if (first < 0) first = i;
      end = count;
    }
    if (first < 0) {
      base = Math.max(base, count - AROUND);
    } else if (count - end >= END_REST) {
      keep(end, count);
      forget(end + AROUND, count);
    } else if (count - first >= LONGEST) {
      const cut = longestRest(count) ?? quietest(count);
      keep(cut.end, cut.at);
      forget(cut.at, count);
    }
  }
  if (first >= 0) keep(end, speech.length);
  return pieces;
}
