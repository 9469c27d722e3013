import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { program, root } from "../cli/program.mjs";
import { decode, formats, mediaTypes } from "./decoders.mjs";
import { patience, serve, within } from "./server.mjs";

const LONG_MAX = 200_000;
const server = await serve({ after }, { env: { TTS_MAX_INPUT_LENGTH: String(LONG_MAX) } });

const TWO_SENTENCES = "The lamp had burned low. Nobody came to fill it.";
const speak = (body, at = server) => at.post("/v1/audio/speech", body);

async function spoken(body, at = server) {
  const answer = await speak(body, at);
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return answer;
}

// The value of a counter or gauge in /metrics.
async function metric(name, at = server) {
  const { text } = await at.get("/metrics");
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line.slice(name.length + 1));
}

// The answer as it comes in: headers are there, the body is the test's to read or to leave.
function open(body, at = server) {
  return within(
    10_000 * patience,
    "the first byte",
    new Promise((resolve, reject) => {
      const headers = { "Content-Type": "application/json" };
      const options = { host: "127.0.0.1", port: at.port, method: "POST", path: "/v1/audio/speech", headers, agent: false };
      const request = http.request(options, (answer) => {
        answer.on("error", () => {});
        answer.once("readable", () => resolve({ answer, request }));
      });
      request.on("error", reject);
      request.end(JSON.stringify(body));
    }),
  );
}

// --- what is heard ---

// The seconds that were spoken, before they were encoded. espeak never takes exactly as long again.
const secondsOf = async ({ headers }) => (await server.get(`/api/history/${headers["x-history-id"]}/`)).json.duration_s;

test("each format decodes elsewhere and is as long as what was spoken", async () => {
  for (const format of formats) {
    const answer = await spoken({ input: TWO_SENTENCES, response_format: format });
    const seconds = await secondsOf(answer);
    assert.ok(seconds > 2 && seconds < 5, `${seconds}`);
    assert.equal(answer.headers["content-type"], mediaTypes[format]);
    assert.equal(answer.headers["transfer-encoding"], "chunked");
    assert.equal(answer.headers["cache-control"], "no-store");
    const sound = decode(format, answer.body);
    assert.ok(Math.abs(sound.seconds - seconds) <= 0.05, `${format}: ${sound.seconds} s instead of ${seconds}`);
    assert.ok(sound.peak > 0.1 && sound.peak <= 1, `${format}: ${sound.peak}`);
  }
});

test("who spoke is told, and mp3 is what comes unasked", async () => {
  const { headers, body } = await spoken({ model: "tts-1", input: TWO_SENTENCES, voice: "alloy" });
  assert.equal(headers["content-type"], "audio/mpeg");
  assert.equal(headers["x-parlando-engine"], "espeak");
  assert.equal(headers["x-parlando-model"], undefined, "espeak has none");
  assert.match(headers["x-parlando-voice"], /^en/);
  assert.match(headers["x-request-id"], /^req_/);
  assert.ok(decode("mp3", body).seconds > 2);
});

test("a voice is a text or an object, and any name speaks", async () => {
  for (const voice of ["de", { id: "de" }, "espeak:de"]) {
    const { headers } = await spoken({ input: "Guten Tag.", voice });
    assert.equal(headers["x-parlando-voice"], "de", JSON.stringify(voice));
  }
  for (const voice of ["alloy", "nova", { id: "shimmer" }, "", null, undefined])
    assert.match((await spoken({ input: "Hello.", voice })).headers["x-parlando-voice"], /^en/, JSON.stringify(voice));
  server.expect(/there is no voice "nobody" in espeak/);
  await spoken({ input: "Hello.", voice: "nobody" });
  for (const model of ["tts-1-hd", "gpt-4o-mini-tts-2025-03-20", "espeak", "auto", "", null])
    assert.equal((await spoken({ input: "Hello.", model })).headers["x-parlando-engine"], "espeak", `${model}`);
});

test("a language chooses the voice", async () => {
  const voiceOf = async (body) => (await spoken({ input: "Hallo.", ...body })).headers["x-parlando-voice"];
  assert.equal(await voiceOf({ language: "de" }), "de");
  assert.equal(await voiceOf({ language: "de-AT", voice: "alloy" }), "de");
  assert.equal(await voiceOf({ language: "en-GB" }), "en-gb");
  assert.equal(await voiceOf({ language: "en", voice: "en-gb" }), "en-gb");
  assert.equal(await voiceOf({ language: "qqq", voice: "en-gb" }), "en-gb", "nobody speaks it");
});

test("a language that nobody here speaks is refused, and some that are spoken are named", async () => {
  for (const body of [{ language: "qqq" }, { language: "qqq", engine: "espeak" }, { language: "tlh-x-none", model: "espeak" }]) {
    const { message } = openaiError(await speak({ input: "Hallo.", ...body }), 400, "language");
    assert.match(message, /no voice for "(qqq|tlh-x-none)": there are .*\baf\b.* and more, which GET \/v1\/audio\/voices lists/);
  }
});

test("all speeds are reached", async () => {
  const secondsAt = async (speed) =>
    decode("pcm", (await spoken({ input: TWO_SENTENCES, response_format: "pcm", speed })).body).seconds;
  const natural = await secondsAt(1);
  let before = Infinity;
  for (const speed of [0.25, 0.4, 0.5, 0.8, 1, 1.7, 2, 3, 4]) {
    const seconds = await secondsAt(speed);
    assert.ok(seconds < before, `${speed}: ${seconds} s after ${before}`);
    assert.ok(seconds * speed > 0.6 * natural && seconds * speed < 1.4 * natural, `${speed}: ${seconds} s`);
    before = seconds;
  }
});

test("members that nobody knows are ignored, and so is what espeak cannot do", async () => {
  await spoken({ input: "Hello.", instructions: "Whisper, please.", backend: "x", temperature: [1], effects: [], stream: true });
  await spoken({ input: "Hello.", effects: null, speed: null, response_format: null, save_history: null });
});

// --- events ---

const eventsOf = (text) =>
  text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      assert.match(block, /^data: \{.*\}$/, "one line of data");
      return JSON.parse(block.slice(6));
    });

test("events carry the same sound, and the last one the usage", async () => {
  for (const format of formats) {
    const answer = await spoken({ input: TWO_SENTENCES, response_format: format, stream_format: "sse" });
    const seconds = await secondsOf(answer);
    assert.match(answer.headers["content-type"], /^text\/event-stream/);
    const events = eventsOf(answer.text);
    const done = events.pop();
    assert.ok(events.length >= 3 && events.every(({ type }) => type === "speech.audio.delta"), format);
    const sound = decode(format, Buffer.concat(events.map(({ audio }) => Buffer.from(audio, "base64"))));
    assert.ok(Math.abs(sound.seconds - seconds) <= 0.05, format);
    assert.deepEqual(Object.keys(done).sort(), ["type", "usage"]);
    assert.equal(done.type, "speech.audio.done");
    const { input_tokens: input, output_tokens: output, total_tokens: total } = done.usage;
    assert.ok(input >= 40 && input <= 60, `${input}`);
    assert.ok(Math.abs(output - 20 * seconds) <= 1, `${output}`);
    assert.equal(total, input + output);
  }
});

// --- while it is made ---

// An hour of speech, 160 MB: far more than any buffer between us holds.
const CUT = /POST \/v1\/audio\/speech 200, .*, cut/; // in the log, once nothing is left of it
const LONG = "This is one of very many sentences that all say the same. ".repeat(1200);

test("the first sound comes before the last sentence is spoken; a client that leaves ends it", async () => {
  const cancelled = await metric('parlando_speech_total{state="cancelled"}');
  const kept = (await server.get("/api/history/")).json.total;
  const { answer, request } = await open({ input: LONG, response_format: "wav" });
  assert.equal(answer.statusCode, 200);
  assert.ok(answer.read().length > 0);
  assert.equal(await metric("parlando_speech_running"), 1, "it is still being spoken");
  const left = server.logged(CUT);
  request.destroy();
  await left;
  assert.equal(await metric("parlando_speech_running"), 0);
  assert.equal(await metric('parlando_speech_total{state="cancelled"}'), cancelled + 1);
  assert.equal((await server.get("/api/history/")).json.total, kept, "nothing is kept of it");
});

test("a client that is slow delays nobody", async () => {
  const { answer, request } = await open({ input: LONG, response_format: "wav" });
  answer.pause();
  for (let i = 0; i < 3; i++) await spoken({ input: TWO_SENTENCES });
  assert.equal((await server.get("/api/settings/")).status, 200);
  assert.equal(await metric("parlando_speech_running"), 1);
  const left = server.logged(CUT);
  request.destroy();
  await left;
});

test("sixteen at once each get their own words", async () => {
  const texts = Array.from({ length: 16 }, (_, i) => `${"One more word and yet another. ".repeat(1 + (i % 4))}End.`);
  const alone = new Map();
  for (const input of new Set(texts))
    alone.set(input, decode("pcm", (await spoken({ input, response_format: "pcm" })).body).seconds);
  const [settings, ...answers] = await Promise.all([
    server.get("/api/settings/"),
    ...texts.map((input, i) => spoken({ input, response_format: formats[i % formats.length] })),
  ]);
  assert.equal(settings.status, 200);
  answers.forEach((answer, i) => {
    const { seconds } = decode(formats[i % formats.length], answer.body);
    const expected = alone.get(texts[i]);
    assert.ok(Math.abs(seconds - expected) < 0.2, `${texts[i]} ${seconds} s instead of ${expected}`);
  });
});

// --- what is refused ---

const openaiError = ({ status, json }, expected, param) => {
  assert.equal(status, expected, JSON.stringify(json));
  assert.deepEqual(Object.keys(json), ["error"]);
  assert.deepEqual(Object.keys(json.error).sort(), ["code", "message", "param", "type"]);
  assert.equal(json.error.param, param);
  assert.equal(json.error.type, expected >= 500 ? "server_error" : "invalid_request_error");
  return json.error;
};

test("what cannot be spoken is refused, naming what is wrong", async () => {
  const input = "Hello.";
  const cases = [
    [{}, "input", /no input/],
    [{ input: null }, "input", /no input/],
    [{ input: 5 }, "input", /text/],
    [{ input: "" }, "input", /nothing to speak/],
    [{ input: " \n\t" }, "input", /nothing to speak/],
    [{ input: "…!?" }, "input", /nothing to speak/],
    [{ input: "Wait. [pause:1h] Now." }, "input", /1h/],
    [{ input: "x".repeat(LONG_MAX + 1) }, "input", /at most 200000 characters; this one has 200001/],
    [{ input, model: 5 }, "model", /text/],
    [{ input, model: "m".repeat(201) }, "model", /200 characters/],
    [{ input, voice: 5 }, "voice", /text/],
    [{ input, voice: { name: "alloy" } }, "voice", /id/],
    [{ input, voice: "en-us(2" }, "voice", /blend/],
    [{ input, voice: "en-us+de" }, "voice", /blended/],
    [{ input, instructions: "é".repeat(4097) }, "instructions", /4096 characters; this one has 4097/],
    [{ input, response_format: "ogg" }, "response_format", /mp3, opus, aac, flac, wav and pcm, not "ogg"/],
    [{ input, response_format: "ulaw" }, "response_format", /not "ulaw"/],
    [{ input, response_format: 3 }, "response_format", /one of/],
    [{ input, speed: 0.24 }, "speed", /0\.25 to 4/],
    [{ input, speed: 4.01 }, "speed", /0\.25 to 4/],
    [{ input, speed: "1" }, "speed", /number/],
    [{ input, stream_format: "ndjson" }, "stream_format", /audio or sse/],
    [{ input, effects: [{ type: "reverb" }] }, "effects", /not there yet/],
    [{ input, effects: "reverb" }, "effects", /not there yet/],
    [{ input, save_history: "yes" }, "save_history", /true or false/],
    [{ input, language: "not a tag" }, "language", /tag/],
    [{ input, engine: "festival" }, "engine", /festival/],
    [{ input: 1, speed: 9, voice: 4 }, "input", /text/],
    [[], null, /object/],
  ];
  for (const [body, param, message] of cases)
    assert.match(openaiError(await speak(body), 400, param).message, message, JSON.stringify(body).slice(0, 100));
  const options = { body: "{", headers: { "Content-Type": "application/json" } };
  openaiError(await server.request("POST", "/v1/audio/speech", options), 400, null);
  openaiError(await speak({ input, profile_id: "nobody" }), 404, "profile_id");
});

test("an engine that is asked for by name and is not there says how to get it", async () => {
  for (const body of [{ engine: "kokoro" }, { model: "kokoro" }, { voice: "kokoro:af_heart" }]) {
    const { status, json, headers } = await speak({ input: "Hello.", ...body });
    assert.equal(status, 503, JSON.stringify(body));
    assert.equal(json.error.type, "server_error");
    assert.equal(json.error.code, "model_not_installed");
    assert.equal(headers["x-should-retry"], "false");
    assert.match(json.error.message, /^TTS model not available\. Please install kokoro-v0_19\.onnx\..*parlando models pull kokoro/);
  }
});

// --- what goes wrong later ---

const fixtures = join(dirname(program), "tests", "fixtures", "models");
const runtime = process.env.PARLANDO_ORT ?? join(root, "deps", "libonnxruntime.so.1");
const noFixtures = !(existsSync(fixtures) && existsSync(runtime)) && "no ONNX Runtime, or no models of the tests beside the program";

test("what breaks off is not taken for whole", { skip: noFixtures }, async (t) => {
  const other = await serve(t, {
    engine: "kokoro", // a model that fails for questions
    env: { PARLANDO_MODELS: join(fixtures, "kokoro-nan-question"), PARLANDO_ORT: runtime },
  });
  const input = "The first sentence is as it should be, and so long that it is spoken by itself. Is the second one?";
  other.expect(/\[http\] POST \/v1\/audio\/speech (was cut|failed): .*no usable sound/, /\[speech\] it broke off: .*no usable sound/);
  other.expect(/\[engine\]/);
  openaiError(await speak({ input: "Is it?" }, other), 500, null);
  await spoken({ input: "It is." }, other);
  const { answer } = await open({ input, response_format: "wav" }, other);
  assert.equal(answer.statusCode, 200);
  const cut = new Promise((resolve) => answer.on("close", () => resolve(answer.complete)));
  answer.resume();
  assert.equal(await within(10_000 * patience, "the end of the answer", cut), false);
  const events = eventsOf((await spoken({ input, stream_format: "sse" }, other)).text);
  const { error } = events.pop();
  assert.deepEqual(Object.keys(error).sort(), ["code", "message", "param", "type"]);
  assert.equal(error.type, "server_error");
  assert.match(error.message, /no usable sound/);
  assert.ok(events.length > 0 && events.every(({ type }) => type === "speech.audio.delta"));
  assert.equal((await other.get("/api/history/")).json.total, 1, "only what was whole is kept");
});

test("a language that the usual engine has not is spoken by one that has", { skip: noFixtures }, async (t) => {
  const other = await serve(t, { engine: "auto", env: { PARLANDO_MODELS: join(fixtures, "kokoro"), PARLANDO_ORT: runtime } });
  other.expect(/\[engine\]/);
  const input = "Guten Tag.";
  const by = async (body) => {
    const { headers } = await spoken({ input, ...body }, other);
    return `${headers["x-parlando-engine"]} ${headers["x-parlando-voice"]}`;
  };
  assert.match(await by({}), /^kokoro /);
  assert.equal(await by({ language: "de" }), "espeak de");
  assert.equal(await by({ language: "de", model: "tts-1" }), "espeak de");
  assert.equal(await by({ language: "en-GB" }), "kokoro bf_emma");
  assert.equal(await by({ language: "de", voice: "af_heart" }), "kokoro af_heart", "a named voice wins");
  for (const named of [{ engine: "kokoro" }, { model: "kokoro" }]) {
    const { message } = openaiError(await speak({ input, language: "de", ...named }, other), 400, "language");
    assert.match(message, /kokoro has no voice for "de": there are en/);
  }
});

test("the limit of a text and the format that comes unasked are configured", async () => {
  const other = await serve({ after }, { env: { TTS_DEFAULT_FORMAT: "flac" } });
  const { headers, body } = await spoken({ input: "Hello." }, other);
  assert.equal(headers["content-type"], "audio/flac");
  assert.ok(decode("flac", body).seconds > 0.2);
  const { message } = openaiError(await speak({ input: "ä".repeat(4097) }, other), 400, "input");
  assert.match(message, /at most 4096 characters; this one has 4097/);
  await spoken({ input: `${"ä".repeat(4000)} Hello.`.slice(0, 4096), response_format: "pcm" }, other);
});

// --- profiles ---

async function profile(fields) {
  const answer = await server.post("/api/profiles/", fields);
  assert.equal(answer.status, 201, answer.text);
  return answer.json.id;
}

test("a profile speaks where nothing else is said", async (t) => {
  const id = await profile({ name: "Slow German", backend: "espeak", voice: "de", speed: 0.5, format: "wav" });
  t.after(() => server.del(`/api/profiles/${id}/`));
  const input = "Hallo.";
  const all = await spoken({ input, profile_id: id });
  assert.equal(all.headers["content-type"], "audio/wav");
  assert.equal(all.headers["x-parlando-voice"], "de");
  const none = await spoken({ input, voice: "en-us", speed: 2, response_format: "wav", profile_id: id });
  assert.equal(none.headers["x-parlando-voice"], "en-us");
  assert.ok(decode("wav", none.body).seconds < 0.5 * decode("wav", all.body).seconds);
  const later = await speak({ input, voice: "kokoro:af_heart", profile_id: id });
  assert.equal(later.status, 503, "another engine's voice brings that engine along");
  const other = await speak({ input, engine: "kokoro", profile_id: id });
  assert.equal(other.status, 503);
  const cloud = await spoken({ input, model: "tts-1", profile_id: id });
  assert.equal(cloud.headers["x-parlando-voice"], "de", "a model's name from elsewhere says nothing");
});

test("the default profile speaks for those who name neither a voice nor a profile", async (t) => {
  const id = await profile({ name: "Welsh", backend: "espeak", voice: "cy", format: "flac" });
  t.after(() => server.del(`/api/profiles/${id}/`));
  assert.equal((await server.post(`/api/profiles/${id}/default/`)).status, 200);
  const input = "Bore da.";
  const unasked = await spoken({ input });
  assert.equal(unasked.headers["x-parlando-voice"], "cy");
  assert.equal(unasked.headers["content-type"], "audio/flac");
  const named = await spoken({ input, voice: "de" });
  assert.equal(named.headers["x-parlando-voice"], "de");
  assert.equal(named.headers["content-type"], "audio/mpeg");
});

// --- history ---

test("what was spoken is kept as it was sent, unless somebody says no", async () => {
  const words = (text) => text.match(/[a-z]+/gi);
  const { headers, body } = await spoken({ input: TWO_SENTENCES, response_format: "opus", speed: 1.5 });
  const id = headers["x-history-id"];
  const { json: entry } = await server.get(`/api/history/${id}/`);
  assert.equal(entry.full_text, TWO_SENTENCES);
  assert.equal(entry.engine, "espeak");
  assert.equal(entry.format, "opus");
  assert.equal(entry.speed, 1.5);
  assert.ok(Math.abs(entry.duration_s - decode("opus", body).seconds) < 0.05);
  assert.deepEqual(entry.words.map(({ word }) => words(word)[0]), words(TWO_SENTENCES));
  assert.ok(entry.words.every(({ start, end }, i) => end >= start && start >= (entry.words[i - 1]?.start ?? 0)));
  const audio = await server.get(`/api/history/${id}/audio/`);
  assert.ok(audio.body.equals(body), "byte for byte");
  const events = await spoken({ input: "Hello.", stream_format: "sse" });
  const sent = Buffer.concat(eventsOf(events.text).slice(0, -1).map((event) => Buffer.from(event.audio, "base64")));
  assert.ok((await server.get(`/api/history/${events.headers["x-history-id"]}/audio/`)).body.equals(sent));
  const { total } = (await server.get("/api/history/")).json;
  assert.equal((await spoken({ input: "Hello.", save_history: false })).headers["x-history-id"], undefined);
  assert.equal((await speak({ input: "…" })).status, 400);
  assert.equal((await server.get("/api/history/")).json.total, total);
});

test("speech under way is cut when the server ends", async (t) => {
  const other = await serve(t, { env: { TTS_MAX_INPUT_LENGTH: String(LONG_MAX) } });
  const { answer } = await open({ input: LONG, response_format: "wav" }, other);
  const cut = new Promise((resolve) => answer.on("close", () => resolve(answer.complete)));
  answer.pause();
  const { code } = await other.stop();
  assert.equal(code, 0);
  answer.resume();
  assert.equal(await within(10_000 * patience, "the end of the answer", cut), false);
});
