// Ten things that threads about other speech servers complain of, as tests; their numbers stand in
// their names. The seventh is in tests/clients (the official client reads the events), the eighth in
// faults.test.mjs (a batch that is killed) and history.test.mjs (speech that is).
//
// Where only a real voice tells, it is Kokoro's, and Moonshine hears it; without these the test is
// skipped, saying why.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, describe, test } from "node:test";
import { decode, formats } from "./decoders.mjs";
import { ears, isDeaf, longReading } from "./real_speech.mjs";
import { patience, serve, within } from "./server.mjs";
import { paragraphErrors, wordErrorRate } from "./words.mjs";

const kokoro = join(ears.PARLANDO_MODELS, "kokoro", "model.onnx");
const isMute =
  (patience > 1 && "a sanitizer would take many minutes over a real voice") ||
  (!existsSync(kokoro) && "no voice to tell: parlando models pull kokoro") ||
  isDeaf;

const server = await serve({ after });
const REAL_MS = 120_000 * patience; // real voices and ears are slow where there are few cores
const speak = (on, input, more = {}) => on.post("/v1/audio/speech", { model: "tts-1", voice: "alloy", input, ...more }, { ms: REAL_MS });

async function spoken(on, input, more) {
  const answer = await speak(on, input, more);
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return answer;
}

async function heard(on, wav) {
  const parts = [
    { name: "file", filename: "speech.wav", type: "audio/wav", bytes: wav },
    { name: "model", value: "whisper-1" },
  ];
  const answer = await on.upload("/v1/audio/transcriptions", parts, { ms: REAL_MS });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.text;
}

// The value of a line of /metrics.
async function metric(on, name) {
  const { text } = await on.get("/metrics");
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  assert.ok(line, name);
  return Number(line.slice(name.length + 1));
}

const SENTENCES = [
  "The old lighthouse keeper counted seven ships before breakfast.",
  "My sister planted tomatoes behind the garden wall.",
  "A train to the mountains leaves every morning at nine.",
  "Nobody remembered where the silver key was hidden.",
  "The bakery on the corner sells warm bread and honey.",
  "Heavy rain washed the bridge away last winter.",
  "Two children built a castle out of wet sand.",
  "The doctor asked him to drink more water.",
  "Her violin was made in a small village long ago.",
  "They crossed the desert with only three camels.",
  "The library closes early on the first day of the month.",
  "A black cat was sleeping on the kitchen table.",
  "The farmer sold his horse and bought a tractor.",
  "Please write your name at the bottom of the page.",
  "The moon was bright enough to read a newspaper.",
  "Our teacher told us a story about a clever fox.",
];

// --- 1 ---

test("1: sixteen at once with sixteen voices: each says its own text, and the model is in memory once", { skip: isMute }, async (t) => {
  const studio = await serve(t, { engine: "kokoro", env: ears });
  const { voices } = (await studio.get("/v1/audio/voices")).json;
  const chosen = voices.filter(({ engine, language }) => engine === "kokoro" && /^en/.test(language)).slice(0, SENTENCES.length);
  assert.equal(chosen.length, SENTENCES.length);
  const speakAll = (count) =>
    Promise.all(SENTENCES.slice(0, count).map((input, i) => spoken(studio, input, { voice: chosen[i].id, response_format: "wav" })));
  await speakAll(4);
  const before = studio.memory("VmHWM"); // with the model in memory, and as many passes at once as there ever are
  const answers = await speakAll(SENTENCES.length);
  const grown = (studio.memory("VmHWM") - before) * 1024;
  t.diagnostic(`grew by at most ${Math.round(grown / 2 ** 20)} MB; the model has ${Math.round(statSync(kokoro).size / 2 ** 20)}`);
  assert.ok(grown < statSync(kokoro).size, "less than another copy of the model");
  for (const [i, { body }] of answers.entries()) {
    const text = await heard(studio, body);
    const rates = SENTENCES.map((sentence) => wordErrorRate(text, sentence));
    assert.equal(rates.indexOf(Math.min(...rates)), i, `${chosen[i].id} said "${text}"`);
    assert.ok(rates[i] <= 0.34, `${chosen[i].id} said "${text}"`);
  }
});

// --- 2 ---

test("2: 10,000 requests in a row: memory stays flat", async (t) => {
  if (patience > 1) return t.skip("a sanitizer keeps what was freed, to find who still uses it");
  const long = await serve(t, { args: ["--history-max-entries", "100"] });
  long.checksSchema = false;
  // Short and fast, since the bill is what a request leaves behind; each encoder has its turn, most answers need none.
  const encoded = formats.filter((format) => format !== "wav" && format !== "pcm");
  const inTurn = encoded.flatMap((format) => [format, "pcm", "wav"]);
  let next = 0;
  const drive = async (until) => {
    const client = async () => {
      for (let i = next++; i < until; i = next++) await spoken(long, `${i % 10}.`, { response_format: inTurn[i % inTurn.length], speed: 4 });
    };
    await Promise.all(Array.from({ length: 4 }, client));
  };
  await drive(4000);
  const before = long.memory();
  await drive(10_000);
  const now = long.memory();
  t.diagnostic(`VmRSS ${before} kB after 4,000 requests, ${now} kB after 10,000`);
  assert.ok(now <= before * 1.05, `${before} kB became ${now} kB`);
});

// --- 3 ---

// Spoken for seconds of these bounds, with a sound in it or none; or refused for its input.
const ODD = [
  ["begins with a pause tag", "[pause:1s] Hello there.", { atLeast: 1.3 }],
  ["is only a pause tag", "[pause:2s]", { atLeast: 1.9, atMost: 2.2, isSilent: true }],
  ["is only emoji", "😀🎉👩‍👩‍👧", { isRefused: true }],
  ["is only digits", "1234567890", { atLeast: 1 }],
  ["is only marks", "… !? — ()", { isRefused: true }],
  ["mixes scripts", "Hello мир 你好 שלום मित्र. And more.", { atLeast: 1 }],
  ["has 100 kB and no full stop", "many words and more of them ".repeat(3660), { atLeast: 600, speed: 4 }],
  ["is one word of 20 kB", "ab".repeat(10_000), { atLeast: 10 }],
];

describe("3: a text that is odd is spoken, or refused in so many words:", () => {
  for (const [what, text, { isRefused, isSilent = false, atLeast = 0, atMost = Infinity, speed = 1 }] of ODD)
    test(`3: one that ${what}`, async (t) => {
      const odd = await serve(t, { args: ["--tts-max-input", "200000", "--history-enabled", "no"] });
      const answer = await speak(odd, text, { response_format: "pcm", speed });
      assert.equal(answer.status, isRefused ? 400 : 200, answer.text.slice(0, 300));
      if (isRefused) return assert.equal(answer.json.error.param, "input");
      const { seconds, peak } = decode("pcm", answer.body);
      assert.ok(seconds >= atLeast && seconds <= atMost, `${seconds} s`);
      assert.equal(peak === 0, isSilent, `peak ${peak}`);
    });
});

// --- 4 ---

test("4: every paragraph of a long text is spoken", { skip: isMute }, async (t) => {
  const studio = await serve(t, { engine: "kokoro", env: ears });
  const paragraphs = Array.from({ length: SENTENCES.length / 2 }, (_, i) => `${SENTENCES[2 * i]} ${SENTENCES[2 * i + 1]}`);
  const { body } = await spoken(studio, paragraphs.join("\n\n"), { voice: "af_heart", response_format: "wav" });
  const text = await heard(studio, body);
  paragraphErrors(text, paragraphs).forEach((rate, i) => assert.ok(rate <= 0.25, `${paragraphs[i]} ${rate} of it is wrong in "${text}"`));
});

// --- 5 ---

describe("5: each format decodes elsewhere, as long as what was spoken, however it is sent:", () => {
  // What espeak says differs by some milliseconds each time: the history knows how long it was.
  const check = async (format, bytes, id) => {
    const wanted = (await server.get(`/api/history/${id}/`)).json.duration_s;
    const { seconds, peak } = decode(format, bytes);
    assert.ok(Math.abs(seconds - wanted) <= 0.05, `${seconds} s instead of ${wanted}`);
    assert.ok(peak > 0.1);
  };
  const audioOf = (text) =>
    Buffer.concat(
      text
        .split("\n\n")
        .map((event) => event && JSON.parse(event.replace(/^data: /, "")).audio)
        .filter(Boolean)
        .map((audio) => Buffer.from(audio, "base64")),
    );

  for (const format of formats) {
    test(`5: ${format}`, async () => {
      const { body, headers } = await spoken(server, SENTENCES[0], { response_format: format });
      await check(format, body, headers["x-history-id"]);
    });
    test(`5: ${format} in events`, async () => {
      const { text, headers } = await spoken(server, SENTENCES[1], { response_format: format, stream_format: "sse" });
      await check(format, audioOf(text), headers["x-history-id"]);
    });
    test(`5: ${format} from the history`, async () => {
      const { headers } = await spoken(server, SENTENCES[2], { response_format: format });
      const id = headers["x-history-id"];
      await check(format, (await server.get(`/api/history/${id}/audio/`)).body, id);
    });
  }

  for (const [name, format] of [["mp3_44100_128", "mp3"], ["opus_48000_64", "opus"], ["wav_24000", "wav"], ["pcm_24000", "pcm"]])
    test(`5: ${name} as ElevenLabs streams it`, async () => {
      const answer = await server.post(`/v1/text-to-speech/en-us/stream?output_format=${name}`, { text: SENTENCES[3] });
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      await check(format, answer.body, answer.headers["x-history-id"]);
    });
});

// --- 6 ---

// The first bytes of an answer, and then the client is gone.
function leaveAfterFirst(on, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: on.port, method: "POST", path, headers, agent: false }, (answer) => {
      answer.on("error", () => {});
      answer.once("data", () => {
        request.destroy();
        resolve(answer.statusCode);
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("6: a client that leaves after the first chunk stops the work, and its place is free:", () => {
  const NOVEL = `${SENTENCES.join(" ")} `.repeat(200); // espeak is a minute's work of it, Kokoro hours
  const json = { "Content-Type": "application/json" };

  async function checkLeaving(on, path, wish) {
    const cancelled = await metric(on, 'parlando_speech_total{state="cancelled"}');
    const seconds = await metric(on, "parlando_speech_seconds_total");
    const cut = on.logged(new RegExp(`POST ${path} 200, .*, cut`), REAL_MS);
    const status = await leaveAfterFirst(on, path, json, JSON.stringify(wish));
    assert.equal(status, 200);
    const began = performance.now();
    await cut;
    assert.ok(performance.now() - began < 5000 * patience, "no more than what was begun is spoken");
    assert.equal(await metric(on, "parlando_speech_running"), 0);
    assert.equal(await metric(on, "parlando_http_long_requests_queued"), 0);
    assert.equal(await metric(on, 'parlando_speech_total{state="cancelled"}'), cancelled + 1);
    assert.equal(await metric(on, "parlando_speech_seconds_total"), seconds);
  }

  for (const [engine, why] of [["espeak", false], ["kokoro", isMute]])
    test(`6: speech, by ${engine}`, { skip: why }, async (t) => {
      const on = await serve(t, { engine, env: why === false && engine === "kokoro" ? ears : {}, args: ["--tts-max-input", "400000"] });
      await checkLeaving(on, "/v1/audio/speech", { model: "tts-1", voice: "alloy", input: NOVEL, response_format: "pcm" });
      await checkLeaving(on, "/v1/audio/speech", { model: "tts-1", voice: "alloy", input: NOVEL, stream_format: "sse" });
      await checkLeaving(on, "/v1/text-to-speech/alloy/stream", { text: NOVEL.slice(0, 40_000) });
      await spoken(on, "Next, please.");
    });

  test("6: a transcript that is streamed", { skip: isDeaf }, async (t) => {
    const on = await serve(t, { env: ears });
    const parts = [["model", "gpt-4o-transcribe"], ["stream", "true"]].map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(parts.join("") + head), longReading(40), Buffer.from("\r\n--b--\r\n")]);
    const cut = on.logged(/POST \/v1\/audio\/transcriptions 200, .*, cut/);
    const type = { "Content-Type": "multipart/form-data; boundary=b", "Content-Length": body.length };
    assert.equal(await leaveAfterFirst(on, "/v1/audio/transcriptions", type, body), 200);
    await within(10_000 * patience, "the end of the hearing", cut);
    assert.equal((await on.get("/api/history/")).json.total, 0, "nothing is kept of it");
  });
});

// --- 9 ---

// A machine without a network, but for itself.
const alone = ["unshare", "--map-root-user", "--net"];
const canBeAlone =
  spawnSync(alone[0], [...alone.slice(1), "ip", "link", "set", "lo", "up"]).status === 0 ||
  "this machine lets nobody make a network of their own (unshare --net, ip)";

test("9: without any network everything works", { skip: canBeAlone === true ? false : canBeAlone }, async (t) => {
  const inside = fileURLToPath(new URL("alone.mjs", import.meta.url));
  const child = spawn(alone[0], [...alone.slice(1), "sh", "-c", 'ip link set lo up && exec "$0" --test --test-reporter=tap "$1"', process.execPath, inside], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined }, // a run of its own, not a part of this one
  });
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  child.stderr.on("data", (bytes) => (said += bytes));
  const code = await within(240_000 * patience, "what is done alone", new Promise((resolve) => child.on("close", resolve)));
  assert.equal(code, 0, said);
  assert.match(said, /^# pass [1-9]/m, said);
  for (const [, why] of said.matchAll(/# SKIP (.*)/g)) t.diagnostic(`left out: ${why}`);
});

// --- 10 ---

describe("10: who comes from elsewhere", () => {
  const operations = async () =>
    Object.entries((await server.get("/openapi.json")).json.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replaceAll(/\{[^}]*\}/g, "x")]),
    );

  test("10: may change nothing, whatever the address", async () => {
    server.checksSchema = false;
    const changing = (await operations()).filter(([method]) => method !== "GET");
    assert.ok(changing.length > 40);
    for (const [method, path] of changing)
      for (const headers of [{ Origin: "https://evil.example" }, { Origin: "null" }, { "Sec-Fetch-Site": "cross-site" }]) {
        const { status, text } = await server.request(method, path, { headers, json: {} });
        assert.equal(status, 403, `${method} ${path} ${JSON.stringify(headers)}: ${text}`);
      }
    server.checksSchema = true;
  });

  test("10: under another name of ours may not even look", async () => {
    server.checksSchema = false;
    for (const [method, path] of await operations()) {
      const { status, text } = await server.request(method, path, { headers: { Host: "evil.example" }, ...(method === "GET" ? {} : { json: {} }) });
      assert.equal(status, 421, `${method} ${path}: ${text}`);
    }
    server.checksSchema = true;
  });
});
