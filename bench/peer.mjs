// kokoro-js, from local files, as its README uses it. Shared by the speed and the word-error bench.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { env } from "@huggingface/transformers";
import { KokoroTTS } from "kokoro-js";

const here = dirname(fileURLToPath(import.meta.url));

// The folder layout transformers.js wants, around the model file Parlando has pulled. The
// tokenizer is Kokoro's vocabulary in that library's form.
function layOut(modelFile, vocabulary) {
  const folder = join(here, "node_modules", ".parlando-peer", "kokoro");
  mkdirSync(join(folder, "onnx"), { recursive: true });
  const link = join(folder, "onnx", "model.onnx");
  if (!existsSync(link)) symlinkSync(modelFile, link);
  writeFileSync(join(folder, "config.json"), '{"model_type": "style_text_to_speech_2"}');
  const known = ["$", ...Object.keys(vocabulary)].map((c) => c.replace(/[\]\\^-]/g, "\\$&")).join("");
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({
    version: "1.0", truncation: null, padding: null, added_tokens: [],
    normalizer: { type: "Replace", pattern: { Regex: `[^${known}]` }, content: "" },
    pre_tokenizer: { type: "Split", pattern: { Regex: "" }, behavior: "Isolated", invert: false },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "$", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "$", type_id: 0 } }],
      pair: [],
      special_tokens: { $: { id: "$", ids: [0], tokens: ["$"] } },
    },
    decoder: null,
    model: { vocab: { $: 0, ...vocabulary } },
  }));
  writeFileSync(join(folder, "tokenizer_config.json"),
    '{"model_max_length": 512, "pad_token": "$", "tokenizer_class": "PreTrainedTokenizer", "unk_token": "$"}');
  return dirname(folder);
}

export async function openPeer(modelFile, vocabulary) {
  env.localModelPath = layOut(modelFile, vocabulary) + "/";
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  return KokoroTTS.from_pretrained("kokoro", { dtype: "fp32", device: "cpu" });
}
