import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serve } from "./server.mjs";

const server = await serve({ after });

test("the voices are those of the engine that would speak now", async () => {
  const { status, json } = await server.get("/api/voices/");
  assert.equal(status, 200);
  assert.equal(json.engine, "espeak");
  assert.equal(json.default_voice, "en-us");
  assert.ok(json.data.length > 50);
  const ids = json.data.map(({ id }) => id);
  assert.deepEqual(ids, ids.toSorted(), "sorted by id");
  assert.equal(new Set(ids).size, ids.length);
  const { name, language } = json.data.find(({ id }) => id === "en-us");
  assert.match(name, /English/);
  assert.equal(json.can_blend, false);
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

// --- auditions ---

const audition = (body, at = server) => at.post("/api/voices/audition/", body);

// The greatest magnitude of a 16-bit WAV file's samples, and its seconds.
function heard({ body }) {
  assert.equal(body.toString("latin1", 0, 4), "RIFF");
  assert.equal(body.toString("latin1", 8, 16), "WAVEfmt ");
  assert.equal(body.readUInt16LE(34), 16, "bits");
  assert.equal(body.readUInt16LE(22), 1, "channels");
  assert.equal(body.readUInt32LE(40), body.length - 44, "bytes of samples");
  let peak = 0;
  for (let at = 44; at < body.length; at += 2) peak = Math.max(peak, Math.abs(body.readInt16LE(at)));
  return { peak: peak / 32768, seconds: (body.length - 44) / 2 / body.readUInt32LE(24) };
}

test("a voice is heard at once, as a recording would sound, and nothing is kept", async () => {
  const before = (await server.get("/api/settings/")).json;
  const answer = await audition({ voice: "en-us", speed: 1 });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "audio/wav");
  assert.equal(answer.headers["cache-control"], "no-store");
  const { peak, seconds } = heard(answer);
  assert.ok(Math.abs(peak - 0.8913) < 0.001, `${peak}`);
  assert.ok(seconds > 1 && seconds < 8, `${seconds}`);
  assert.deepEqual((await server.get("/api/settings/")).json, before);
  assert.deepEqual((await server.get("/api/tasks/")).json, []);
});

test("the engine is the body's, where it names one", async () => {
  assert.equal((await audition({ engine: "espeak", voice: "en-us" })).status, 200);
  const missing = await audition({ engine: "kitten", voice: "en-us" });
  assert.equal(missing.status, 503);
  assert.match(missing.json.error, /parlando models pull/);
});

test("voice, speed and text are the body's", async () => {
  const text = "The clocks were striking thirteen.";
  const natural = heard(await audition({ voice: "en-us", speed: 1, text })).seconds;
  assert.ok(heard(await audition({ voice: "en-us", speed: 2, text })).seconds < 0.7 * natural);
  assert.ok(heard(await audition({ voice: "en-us", text: `  ${text}\n` })).seconds < 1.2 * natural);
  const german = await audition({ voice: "de", text });
  assert.equal(german.status, 200);
  assert.ok(!german.body.equals((await audition({ voice: "en-us", text })).body));
  server.expect(/there is no voice "nobody" in espeak/);
  assert.equal((await audition({ voice: "nobody" })).status, 200, "speaks with the default voice");
});

test("what cannot be spoken is refused, each mistake by its field", async () => {
  const cases = [
    [{}, { voice: /required/ }],
    [{ voice: null, speed: null, text: null }, { voice: /null/, speed: /null/, text: /null/ }],
    [{ voice: "en-us(2", speed: 1 }, { voice: /no voice's id/ }],
    [{ voice: "x".repeat(201) }, { voice: /200 characters/ }],
    [{ voice: "en-us", speed: 0.4 }, { speed: /0\.5/ }],
    [{ voice: "en-us", speed: 2.1 }, { speed: /2/ }],
    [{ voice: "en-us", speed: "1" }, { speed: /number/ }],
    [{ voice: "en-us", text: "é".repeat(301) }, { text: /300 characters/ }],
    [{ voice: "en-us", text: " \n" }, { text: /blank/ }],
    [{ voice: "en-us", text: "?!" }, { text: /nothing to speak/ }],
    [{ voice: "en-us", text: "Wait. [pause:60s] And wait. [pause:60s] Now." }, { text: /60 seconds/ }],
    [{ voice: "en-us", text: "Wait. [pause:1h] Now." }, { text: /60 s/ }],
    [{ voice: "en-us+de" }, { voice: /blended/ }],
    [{ voice: "en-us", engine: "festival" }, { engine: /festival/ }],
    [{ voice: "(", speed: 3, text: "" }, { voice: /id/, speed: /2/, text: /blank/ }],
  ];
  for (const [body, mistakes] of cases) {
    const { status, json } = await audition(body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.deepEqual(Object.keys(json).sort(), Object.keys(mistakes).sort(), JSON.stringify(json));
    for (const [field, pattern] of Object.entries(mistakes)) assert.match(json[field][0], pattern);
  }
  const longest = await audition({ voice: "en-us", speed: 2, text: ` ${"a e ".repeat(75)} ` });
  assert.equal(longest.status, 200, "300 characters after trimming");
});

test("an engine that is not there is told of", async () => {
  const missing = await serve({ after }, { engine: "kokoro" });
  const { status, json } = await audition({ voice: "af_bella" }, missing);
  assert.equal(status, 503);
  assert.match(json.error, /parlando models pull kokoro/);
});

test("many at once are all answered, and others are not kept waiting", async () => {
  const answers = await Promise.all([
    ...Array.from({ length: 24 }, () => audition({ voice: "en-us" })),
    server.get("/api/settings/"),
  ]);
  assert.equal(answers.pop().status, 200);
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.ok(heard(answer).seconds > 1);
  }
});

test("a body that is no JSON is told as the path's other errors are", async () => {
  const options = { body: "{", headers: { "Content-Type": "application/json" } };
  const { status, json } = await server.request("POST", "/api/voices/audition/", options);
  assert.equal(status, 400);
  assert.match(json.error, /^The body, line 1: /);
});
