// Speech to text for the benches: Moonshine tiny on onnxruntime-node, greedy decoding.
// Facts: start token 1, end token 2; the first step runs without past, later ones feed one token
// and keep the encoder's presents of the first step. At most 6.5 tokens a second of audio, or 8.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ort from "onnxruntime-node";

const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const LEAST_SAMPLES = 1600; // the encoder fails under 895

// llama-tokenizer-js keeps its vocabulary as one base64 string: tokens, a line each.
function readVocabulary(file) {
  const encoded = readFileSync(file, "utf8").match(/[A-Za-z0-9+/=]{100000,}/)[0];
  return Buffer.from(encoded, "base64").toString("utf8").split("\n");
}

function tokensToText(tokens, vocabulary) {
  const bytes = [];
  for (const id of tokens) {
    if (id < 3 || id >= vocabulary.length) continue;
    const byte = vocabulary[id].match(/^<0x([0-9A-F]{2})>$/);
    if (byte) bytes.push(parseInt(byte[1], 16));
    else bytes.push(...Buffer.from(vocabulary[id].replaceAll("\u2581", " ")));
  }
  return Buffer.from(bytes).toString("utf8").trim();
}

export async function openMoonshine(folder, threads = 1) {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const encoder = await ort.InferenceSession.create(join(folder, "encoder_model.onnx"), options);
  const decoder = await ort.InferenceSession.create(join(folder, "decoder_model_merged.onnx"), options);
  const vocabulary = readVocabulary(join(folder, "llama-tokenizer.js"));

  // samples: Float32Array, mono, 16 kHz.
  return async function transcribe(samples) {
    const input = new Float32Array(Math.max(samples.length, LEAST_SAMPLES));
    input.set(samples);
    const { last_hidden_state: hidden } = await encoder.run({
      input_values: new ort.Tensor("float32", input, [1, input.length]),
    });
    const past = {};
    for (let layer = 0; layer < LAYERS; layer++)
      for (const side of ["decoder", "encoder"])
        for (const kind of ["key", "value"])
          past[`past_key_values.${layer}.${side}.${kind}`] =
            new ort.Tensor("float32", new Float32Array(0), [0, HEADS, 1, HEAD_SIZE]);
    const most = Math.max(Math.ceil((input.length / 16000) * 6.5), 8);
    const tokens = [];
    for (let token = 1; tokens.length < most; ) {
      const out = await decoder.run({
        input_ids: new ort.Tensor("int64", BigInt64Array.of(BigInt(token)), [1, 1]),
        encoder_hidden_states: hidden,
        use_cache_branch: new ort.Tensor("bool", [tokens.length > 0], [1]),
        ...past,
      });
      const logits = out.logits.data;
      const from = logits.length - out.logits.dims.at(-1);
      let best = from;
      for (let i = from; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
      token = best - from;
      if (token === 2) break;
      for (const name of Object.keys(past))
        if (tokens.length === 0 || name.includes(".decoder."))
          past[name] = out[name.replace("past_key_values", "present")];
      tokens.push(token);
    }
    return tokensToText(tokens, vocabulary);
  };
}
