// `parlando bench --engines` from outside. What speaks needs a prepared Kokoro; without one it is
// skipped, and says so.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { folder, root, run } from "./program.mjs";

const models =
  process.env.PARLANDO_MODELS ??
  join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "parlando/models");
const library = process.env.PARLANDO_ORT ?? join(root, "deps/libonnxruntime.so.1");
const env = { PARLANDO_MODELS: models, PARLANDO_ORT: library };

const isPrepared = existsSync(join(models, ".prepared")) && readdirSync(join(models, ".prepared")).length > 0;
const missing = [join(models, "kokoro/model.onnx"), library].find((path) => !existsSync(path));
const speaking = { skip: missing ? `${missing} is not there` : !isPrepared && "Kokoro is not prepared" };

test("bench --engines says how to get the engine that is not there", async (t) => {
  const { code, stderr } = await run(["bench", "--engines", "-q"], { env: { PARLANDO_MODELS: folder(t) } });
  assert.equal(code, 4);
  assert.match(stderr, /parlando models pull kokoro/);
});

test("bench --engines speaks sentences of its own, a number of times that has bounds", async () => {
  const file = await run(["bench", "--engines", "--file", "story.txt"]);
  assert.equal(file.code, 2);
  assert.match(file.stderr, /--file/);
  for (const rounds of ["0", "51"]) {
    const { code, stderr } = await run(["bench", "--engines", "--rounds", rounds]);
    assert.equal(code, 2);
    assert.match(stderr, /rounds/);
  }
});

test("bench --engines measures both runtimes, and the parts of ours", speaking, async () => {
  const { code, stdout, stderr } = await run(["bench", "--engines", "--rounds", "1", "--threads", "2", "--json", "-q"], { env });
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout.toString());
  const { native, onnx, onnx_to_native: ratios, parts } = result;

  assert.equal(result.engine, "kokoro");
  assert.ok(result.audio_s.short_s < 3 && result.audio_s.middle_s > 4 && result.audio_s.long_s > 15);
  for (const figure of ["load_s", "short_s", "middle_s", "long_s"]) {
    assert.ok(native[figure].median > 0 && onnx[figure].median > 0);
    assert.ok(Math.abs(ratios[figure].median * native[figure].median - onnx[figure].median) < 1e-6 * onnx[figure].median);
  }
  assert.ok(native.peak_memory_mb > 50 && onnx.peak_memory_mb > native.peak_memory_mb);

  assert.deepEqual(parts.threads.map((each) => each.threads), [1, 2]);
  for (const { peak_gflops: peak, parts: all } of parts.threads) {
    assert.deepEqual(Object.keys(all), ["bert", "durations", "text", "pitch", "source", "decoder", "generator"]);
    for (const { products, work_s: seconds, peak_share: share } of Object.values(all))
      assert.ok(Math.abs(share - (2 * products) / seconds / peak / 1e9) < 1e-6);
    assert.ok(all.generator.work_s > all.text.work_s);
  }
});
