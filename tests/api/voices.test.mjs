import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serve } from "./server.mjs";

const server = await serve({ after });

test("the voices are those of the engine that would speak now", async () => {
  const { status, json } = await server.get("/api/voices/");
  assert.equal(status, 200);
  assert.equal(json.engine, "espeak");
  assert.equal(json.default_voice, "en-us");
  assert.ok(json.voices.length > 50);
  const ids = json.voices.map(({ id }) => id);
  assert.deepEqual(ids, ids.toSorted(), "sorted by id");
  assert.equal(new Set(ids).size, ids.length);
  const { name, language } = json.voices.find(({ id }) => id === "en-us");
  assert.match(name, /English/);
  assert.equal(language, "en-us");
  assert.deepEqual((await server.get("/api/voices?engine=espeak")).json, json);
  assert.deepEqual((await server.get("/api/voices/?engine=auto")).json, json, "there are no models");
});

test("an engine that is named in the settings is the one", async () => {
  const missing = await serve({ after }, { engine: "auto" });
  assert.equal((await missing.get("/api/voices/")).json.engine, "espeak");
  assert.equal((await missing.patch("/api/settings/", { engine: "kokoro" })).status, 200);
  const { status, json } = await missing.get("/api/voices/");
  assert.equal(status, 503);
  assert.match(json.error, /parlando models pull kokoro/);
  assert.equal((await missing.get("/api/voices/?engine=espeak")).status, 200);
});

test("an engine without its model says how to get it, an unknown one is refused", async () => {
  for (const engine of ["kokoro", "kitten", "piper"]) {
    const { status, json } = await server.get(`/api/voices/?engine=${engine}`);
    assert.equal(status, 503, engine);
    assert.match(json.error, /parlando models pull/);
  }
  for (const engine of ["festival", "", "Espeak"]) {
    const { status, json } = await server.get(`/api/voices/?engine=${engine}`);
    assert.equal(status, 400, engine);
    assert.match(json.engine[0], /There is no engine/);
  }
});
