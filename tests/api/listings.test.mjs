// What clients of other servers ask for before they speak, in the words and members they expect.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { program } from "../cli/program.mjs";
import { folder, serve } from "./server.mjs";

const KEY = "a-key-of-ours-0123456789";
const server = await serve({ after });
const closed = await serve({ after }, { env: { PARLANDO_API_KEY: KEY }, key: KEY });

const listings = ["/v1/models", "/v1/audio/models", "/v1/audio/voices", "/v1/voices", "/v1/models/tts-1"];

// Models made when the C tests were built; ONNX Runtime where the program finds it.
const fixtures = join(dirname(program), "tests", "fixtures", "models");
const needsFixtures = { skip: existsSync(fixtures) ? false : "no fixtures beside the program" };
const runtime = process.env.PARLANDO_ORT ? { PARLANDO_ORT: process.env.PARLANDO_ORT } : {};

// A server whose models folder has some of the fixtures.
function serveModels(t, names, options = {}) {
  const dir = join(folder(t), "models");
  mkdirSync(dir);
  for (const name of names) cpSync(join(fixtures, name), join(dir, name), { recursive: true });
  return serve(t, { ...options, env: { ...runtime, PARLANDO_MODELS: dir, ...options.env } });
}

test("models are OpenAI's list, with the names clients have built in", async () => {
  const { status, json } = await server.get("/v1/models");
  assert.equal(status, 200);
  assert.equal(json.object, "list");
  assert.deepEqual(json.data.map(({ id }) => id), ["espeak", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]);
  for (const model of json.data) {
    assert.equal(model.object, "model");
    assert.equal(model.owned_by, "espeak", "what stands behind it");
    assert.ok(Number.isInteger(model.created) && model.created > 1_500_000_000 && model.created <= Date.now() / 1000);
  }
});

test("one model is found by its name, and no other is", async () => {
  const one = await server.get("/v1/models/tts-1");
  assert.deepEqual(one.json, (await server.get("/v1/models")).json.data.find(({ id }) => id === "tts-1"));
  for (const [path, name] of [
    ["/v1/models/no-such", "no-such"],
    ["/v1/models/hexgrad%2FKokoro-82M", "hexgrad/Kokoro-82M"], // known, but not installed here
    ["/v1/models/kokoro", "kokoro"],
    ["/v1/models/whisper-1", "whisper-1"], // nothing hears here
  ]) {
    const { status, json } = await server.get(path);
    assert.equal(status, 404, path);
    assert.deepEqual([json.error.code, json.error.param, json.error.type], ["model_not_found", "model", "invalid_request_error"]);
    assert.ok(json.error.message.includes(name));
  }
});

test("voices satisfy Open WebUI, Kokoro's clients and ElevenLabs' at once", async () => {
  const { status, json } = await server.get("/v1/audio/voices");
  assert.equal(status, 200);
  assert.deepEqual((await server.get("/v1/voices")).json, json);
  assert.deepEqual(json.data, json.voices);
  assert.equal(json.object, "list");
  const voice = json.voices.find(({ id }) => id === "en-us");
  assert.equal(voice.voice_id, "en-us");
  assert.deepEqual([voice.engine, voice.language, voice.category], ["espeak", "en-us", "premade"]);
  assert.equal(typeof voice.labels.gender, "string");
  assert.ok("preview_url" in voice && voice.name.length > 0);
  assert.equal(new Set(json.voices.map(({ id }) => id)).size, json.voices.length, "each once");
});

test("Open WebUI's calls answer without a key, though there is one", async () => {
  // As Open WebUI sends them: no Authorization header.
  const voices = await closed.get("/v1/audio/voices");
  assert.equal(voices.status, 200);
  assert.ok(voices.json.voices.every(({ id, name }) => typeof id === "string" && typeof name === "string"));
  const models = await closed.get("/v1/audio/models");
  assert.equal(models.status, 200);
  assert.ok(models.json.models.some(({ id }) => id === "tts-1"));
  for (const path of listings) assert.equal((await closed.get(path)).status, 200, path);
  for (const path of ["/api/models/", "/api/voices/", "/api/ps", "/v1/nothing"])
    assert.equal((await closed.get(path)).status, 401, path);
});

test("listings ask for the key where they are said to", async (t) => {
  const strict = await serve(t, { args: ["--open-listings", "no"], env: { PARLANDO_API_KEY: KEY }, key: KEY });
  for (const path of listings) {
    assert.equal((await strict.get(path)).status, 401, path);
    assert.equal((await strict.get(path, { headers: { "xi-api-key": KEY } })).status, 200, path);
  }
});

test("ElevenLabs' clients get the array of models they expect", async () => {
  for (const headers of [{ "xi-api-key": "any" }, { "User-Agent": "elevenlabs-js/2.73.0" }]) {
    const { status, json } = await server.get("/v1/models", { headers });
    assert.equal(status, 200);
    assert.ok(Array.isArray(json));
    assert.deepEqual(json.map(({ model_id }) => model_id), ["espeak", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]);
    assert.ok(json.every(({ can_do_text_to_speech }) => can_do_text_to_speech));
    assert.ok(json[0].languages.some(({ language_id, name }) => language_id === "de" && name === "German"));
  }
});

test("installed models are listed by their ids, and found by a hub's names", needsFixtures, async (t) => {
  const models = await serveModels(t, ["kokoro-v0.19", "kitten"], { engine: "auto" });
  const { json } = await models.get("/v1/models");
  if (!json.data.some(({ id }) => id === "kokoro")) return t.skip("no ONNX Runtime");
  const file = "kokoro-v0.19/kokoro-v0_19.onnx";
  assert.deepEqual(json.data.map(({ id }) => id), [
    "kokoro", "kitten", "espeak", "kitten/model.onnx", file, "tts-1", "tts-1-hd", "gpt-4o-mini-tts",
  ]);
  assert.equal(json.data.find(({ id }) => id === "tts-1").owned_by, file);
  for (const path of ["hexgrad%2FKokoro-82M", "hexgrad/Kokoro-82M", "hexgrad/kokoro-82m"]) {
    const one = (await models.get(`/v1/models/${path}`)).json;
    assert.equal(one.id, decodeURIComponent(path));
    assert.equal(one.owned_by, file);
  }
  assert.equal((await models.get(`/v1/models/${encodeURIComponent(file)}`)).json.owned_by, "kokoro");
});

test("voices of other engines than the default one say whose they are", needsFixtures, async (t) => {
  const models = await serveModels(t, ["kokoro-v0.19", "kitten", "piper-speakers"], { engine: "auto" });
  const { json } = await models.get("/v1/voices");
  if (json.voices[0].engine !== "kokoro") return t.skip("no ONNX Runtime");
  const ids = json.voices.map(({ id }) => id);
  assert.deepEqual(ids.slice(0, 3), ["af", "af_bella", "am_adam"]);
  for (const id of ["kitten:expr-voice-2-f", "piper:en_GB-vctk-medium:bob", "espeak:de"]) assert.ok(ids.includes(id), id);
  const fixed = await serveModels(t, ["kokoro-v0.19"], { engine: "espeak" });
  const others = (await fixed.get("/v1/voices")).json.voices.map(({ id }) => id);
  assert.ok(others.includes("de") && others.includes("kokoro:af_bella"));
});

test("a default engine that is not there does not empty the lists", async (t) => {
  const missing = await serve(t, { engine: "kokoro" });
  const { status, json } = await missing.get("/v1/audio/voices");
  assert.equal(status, 200);
  assert.ok(json.voices.some(({ id }) => id === "espeak:de"));
  assert.deepEqual((await missing.get("/v1/models")).json.data.map(({ id }) => id), ["espeak"]);
});
