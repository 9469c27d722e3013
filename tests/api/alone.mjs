// What ten.test.mjs runs where there is no network: everything that Parlando does by itself.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decode } from "./decoders.mjs";
import { ears, isDeaf, reading } from "./real_speech.mjs";
import { serve } from "./server.mjs";
import { wordErrorRate } from "./words.mjs";

const server = await serve({ after }, { env: isDeaf ? {} : ears });

test("nobody else is there", () => {
  assert.deepEqual(Object.keys(networkInterfaces()), ["lo"]);
});

test("the page, and what it asks first", async () => {
  for (const path of ["/", "/openapi.json", "/api/settings/", "/api/models/", "/v1/models", "/v1/audio/voices", "/v2/voices", "/v1/user", "/readyz"])
    assert.equal((await server.get(path)).status, 200, path);
});

test("speech, its history, and profiles", async () => {
  const { status, body, headers } = await server.post("/v1/audio/speech", { model: "tts-1", voice: "alloy", input: "Nobody is there.", response_format: "flac" });
  assert.equal(status, 200);
  assert.ok(decode("flac", body).seconds > 0.5);
  assert.equal((await server.get(`/api/history/${headers["x-history-id"]}/audio/`)).status, 200);
  const profile = await server.post("/api/profiles/", { name: "Mine", backend: "espeak", voice: "en-us" });
  assert.equal(profile.status, 201, profile.text);
});

test("a narration", async () => {
  const story = await server.story(["One.", "Two.", "Three."]);
  assert.equal((await server.narrate(story.id)).status, "COMPLETED");
});

test("Kokoro", { skip: !existsSync(join(ears.PARLANDO_MODELS, "kokoro", "model.onnx")) && "no Kokoro" }, async (t) => {
  const studio = await serve(t, { engine: "kokoro", env: ears });
  const wish = { model: "kokoro", voice: "af_heart", input: "All alone.", response_format: "wav" };
  const { status, body, text } = await studio.post("/v1/audio/speech", wish, { ms: 60_000 });
  assert.equal(status, 200, text.slice(0, 300));
  assert.ok(decode("wav", body).seconds > 0.5);
});

test("hearing", { skip: isDeaf }, async () => {
  const { wav, says } = reading(1);
  const answer = await server.upload("/v1/audio/transcriptions", [
    { name: "file", filename: "a.wav", type: "audio/wav", bytes: wav },
    { name: "model", value: "whisper-1" },
  ]);
  assert.ok(wordErrorRate(answer.json.text, says) <= 0.2, answer.text);
});

test("what has to be fetched says that it cannot be, and all goes on", async (t) => {
  const empty = await serve(t);
  empty.expect(/kitten-nano-0\.2/);
  const watching = await empty.studio().open();
  assert.equal((await empty.post("/api/models/kitten-nano-0.2/pull/")).status, 202);
  const { pulls } = await watching.until("the end of the pull", (state) => state.pulls.some((pull) => pull.state === "failed"));
  watching.close();
  assert.match(pulls[0].error, /resolve host/);
  assert.equal((await empty.get("/healthz")).status, 200);
});
