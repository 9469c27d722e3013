import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { ears, isDeaf, longReading, plain, reading, silence, wavOf } from "./real_speech.mjs";
import { folder, form, serve, within } from "./server.mjs";

const PATH = "/v1/audio/transcriptions";
const deaf = await serve({ after }); // without models
const hearing = isDeaf ? null : await serve({ after }, { env: ears });

const filePart = (bytes, filename = "speech.wav", type = "audio/wav") => ({ name: "file", filename, type, bytes });
const field = (name, value) => ({ name, value });
const tone = wavOf(silence(1));

const transcribe = (parts, server = hearing, options = {}) =>
  server.upload(PATH, [filePart(reading(1).wav), ...parts], options);

// A refusal as OpenAI writes it.
function refused(answer, status, param, message) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.json.error).sort(), ["code", "message", "param", "type"]);
  assert.equal(answer.json.error.param, param);
  assert.equal(answer.json.error.type, status < 500 ? "invalid_request_error" : "server_error");
  assert.match(answer.json.error.message, message);
}

// --- without any model ---

test("without a model the answer says how to get one", async () => {
  const answer = await deaf.upload(PATH, [filePart(tone), field("model", "whisper-1")]);
  refused(answer, 503, "model", /parlando models pull moonshine-tiny/);
});

test("what is wrong with a form is told by its field, model or none", async () => {
  const cases = [
    [[field("model", "whisper-1")], "file", /No file/],
    [[filePart(Buffer.alloc(0))], "file", /empty/],
    [[filePart(tone), field("response_format", "docx")], "response_format", /"docx".*json, text, srt/],
    [[filePart(tone), field("response_format", "diarized_json")], "response_format", /speakers apart/],
    [[filePart(tone), field("timestamp_granularities[]", "line")], "timestamp_granularities", /"line"/],
    [[filePart(tone), field("timestamp_granularities", '["word","page"]')], "timestamp_granularities", /"page"/],
    [[filePart(tone), field("temperature", "2")], "temperature", /from 0 to 1/],
    [[filePart(tone), field("stream", "yes please")], "stream", /true or false/],
    [[filePart(tone), field("stream", "true"), field("response_format", "vtt")], "stream", /text only/],
    [[filePart(tone), field("save_history", "later")], "save_history", /true or false/],
    [[filePart(tone), field("include[]", "everything")], "include", /logprobs/],
    [[filePart(tone), field("chunking_strategy[type]", "client_vad")], "chunking_strategy", /server_vad/],
    [[filePart(tone), field("chunking_strategy", '{"type":')], "chunking_strategy", /server_vad/],
  ];
  for (const [parts, param, message] of cases) refused(await deaf.upload(PATH, parts), 400, param, message);
});

test("a file that is too large is refused with the limit", async () => {
  const small = await serve({ after }, { args: ["--upload-max-mb", "1"] });
  const bytes = Buffer.alloc(3 << 20);
  refused(await small.upload(PATH, [filePart(bytes)]), 413, null, /1048576 bytes/);
  refused(await small.upload(PATH, [filePart(bytes)], { chunked: true }), 413, null, /1048576 bytes/);
});

test("nothing here translates, and the answer says so", async () => {
  const answer = await deaf.upload("/v1/audio/translations", [filePart(tone), field("model", "whisper-1")]);
  assert.equal(answer.status, 400);
  assert.equal(answer.json.error.code, "unsupported");
  assert.match(answer.json.error.message, /transcriptions/);
});

test("another method and a missing key are told in the same dialect", async () => {
  const locked = await serve({ after }, { env: { PARLANDO_API_KEY: "secret" } });
  assert.equal((await deaf.get(PATH)).json.error.type, "invalid_request_error");
  const stranger = await locked.upload(PATH, [filePart(tone)]);
  assert.equal(stranger.status, 401);
  assert.equal(stranger.json.error.code, "invalid_api_key");
});

// --- with one ---

test("json is the text, and how long the sound is", { skip: isDeaf }, async () => {
  for (const index of [0, 1, 2, 4]) {
    const { wav, says } = reading(index);
    const answer = await hearing.upload(PATH, [filePart(wav), field("model", "whisper-1")]);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers["content-type"], /^application\/json/);
    const said = plain(answer.json.text).split(" ");
    const wanted = says.split(" ");
    const missing = wanted.filter((word) => !said.includes(word));
    assert.ok(missing.length <= wanted.length / 6, `"${answer.json.text}" misses ${missing}`);
    assert.ok(Math.abs(answer.json.usage.seconds - (wav.length - 44) / 32000) < 0.05);
    assert.deepEqual(Object.keys(answer.json).sort(), ["text", "usage"]);
  }
});

test("text, srt and vtt are no JSON", { skip: isDeaf }, async () => {
  const { json } = await transcribe([]);
  const text = await transcribe([field("response_format", "text")]);
  assert.match(text.headers["content-type"], /^text\/plain/);
  assert.equal(text.text, `${json.text}\n`);
  const cue = /^(?:1\n)?00:00:0\d[.,]\d{3} --> 00:00:0\d[.,]\d{3}\n/;
  const srt = await transcribe([field("response_format", "srt")]);
  assert.match(srt.headers["content-type"], /^text\//);
  assert.match(srt.text, cue);
  const vtt = await transcribe([field("response_format", "vtt")]);
  assert.match(vtt.headers["content-type"], /^text\/vtt/);
  assert.match(vtt.text, /^WEBVTT\n\n/);
  assert.match(vtt.text.slice(8), cue);
});

test("verbose_json has segments, and words when they are asked for", { skip: isDeaf }, async () => {
  const verbose = field("response_format", "verbose_json");
  const plainly = (await transcribe([verbose])).json;
  assert.equal(plainly.task, "transcribe");
  assert.equal(plainly.language, "english");
  assert.equal(plainly.words, undefined);
  assert.deepEqual(plainly.usage, { type: "duration", seconds: plainly.duration });
  assert.equal(plainly.segments.map(({ text }) => text.trim()).join(" "), plainly.text);
  let end = 0;
  for (const [id, segment] of plainly.segments.entries()) {
    assert.equal(segment.id, id);
    assert.ok(segment.start >= end && segment.end > segment.start && segment.end <= plainly.duration + 0.01);
    assert.ok(segment.avg_logprob <= 0 && segment.no_speech_prob >= 0 && segment.no_speech_prob <= 1);
    end = segment.end;
  }
  // However a client writes the list, and wherever it stands.
  const ways = [
    [field("timestamp_granularities[]", "word")],
    [field("timestamp_granularities", "word")],
    [field("timestamp_granularities[]", "word"), field("timestamp_granularities[]", "segment")],
    [field("timestamp_granularities", '["word", "segment"]')],
    [field("timestamp_granularities", "segment,word")],
    [field("timestamp_granularities", "['word']")],
  ];
  for (const way of ways) {
    const { json, text } = await transcribe([verbose, ...way]);
    assert.equal(json?.words?.map(({ word }) => word).join(" "), plainly.text, text);
    const times = json.words.flatMap(({ start, end: wordEnd }) => [start, wordEnd]);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    assert.equal(json.segments !== undefined, JSON.stringify(way).includes("segment"));
  }
});

test("fields stand before the file or behind it, and the file is what it holds", { skip: isDeaf }, async () => {
  const { wav } = reading(1);
  const { text } = await transcribe([field("response_format", "text")]);
  const format = field("response_format", "text");
  const before = await hearing.upload(PATH, [format, filePart(wav)]);
  assert.equal(before.text, text);
  const named = [filePart(wav, "größe – 世界.mp3", "application/octet-stream"), format];
  assert.equal((await hearing.upload(PATH, named)).text, text);
  assert.equal((await hearing.upload(PATH, named, { chunked: true })).text, text);
  const parts = [field("language", "en"), field("prompt", "Austen."), field("temperature", "0.2"), field("model", "")];
  assert.equal((await transcribe([format, ...parts, field("language", "english")])).text, text);
});

test("what a file holds is told as the file's, by a field of the form", { skip: isDeaf }, async () => {
  const slow = Buffer.from(reading(1).wav);
  slow.writeUInt32LE(1, 24); // Hz
  const { status, json } = await hearing.upload(PATH, [filePart(slow)]);
  assert.equal(status, 400);
  assert.equal(json.error.param, "file");
  assert.match(json.error.message, /sample rate/);
});

const noFfmpeg = spawnSync("ffmpeg", ["-version"]).error && "no ffmpeg, which makes the films";

test("the sound of a film is heard, also where the film goes on without it", { skip: isDeaf || noFfmpeg }, async () => {
  const { text } = (await transcribe([])).json;
  for (const kind of ["mp4", "matroska"]) {
    const film = join(folder({ after }), "film");
    const picture = ["-f", "lavfi", "-i", "color=size=64x36:rate=5:duration=12", "-i", "-", "-c:v", "mpeg4"];
    const { status, stderr } = spawnSync("ffmpeg", [...picture, "-f", kind, film], { input: reading(1).wav });
    assert.equal(status, 0, String(stderr));
    const heard = await hearing.upload(PATH, [filePart(readFileSync(film), `film.${kind}`, "video/mp4")]);
    assert.equal(heard.status, 200, heard.text);
    assert.equal(plain(heard.json.text), plain(text), kind);
  }
});

test("a language that the model does not know is refused", { skip: isDeaf }, async () => {
  refused(await transcribe([field("language", "de")]), 400, "language", /English only/);
  assert.equal((await transcribe([field("languages[]", "de"), field("languages[]", "en")])).status, 200);
});

test("what is no sound is refused as the sender's, streamed or not", { skip: isDeaf }, async () => {
  const junk = [filePart(Buffer.from("no sound at all. ".repeat(999)), "speech.mp3"), filePart(Buffer.from([0x52, 0x49]))];
  for (const part of junk) {
    refused(await hearing.upload(PATH, [part]), 400, "file", /FFmpeg cannot read it as sound or video/);
    refused(await hearing.upload(PATH, [part, field("stream", "true")]), 400, "file", /FFmpeg cannot read it as sound or video/);
  }
});

test("where nobody speaks there is no text", { skip: isDeaf }, async () => {
  const parts = [filePart(wavOf(silence(3))), field("response_format", "verbose_json")];
  const { status, json } = await hearing.upload(PATH, parts);
  assert.equal(status, 200);
  assert.equal(json.text, "");
  assert.deepEqual(json.segments, []);
  assert.equal(json.duration, 3);
});

const eventsOf = (text) =>
  text
    .split("\n\n")
    .filter(Boolean)
    .map((event) => JSON.parse(/^data: (.*)$/.exec(event)[1]));

test("a stream tells segment by segment what the whole will be", { skip: isDeaf }, async () => {
  const file = filePart(longReading(2));
  const answer = await hearing.upload(PATH, [file, field("stream", "true"), field("model", "gpt-4o-transcribe")]);
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], /^text\/event-stream/);
  const events = eventsOf(answer.text);
  const done = events.pop();
  assert.ok(events.length > 1, answer.text);
  assert.ok(events.every(({ type }) => type === "transcript.text.delta"));
  assert.equal(done.type, "transcript.text.done");
  assert.equal(events.map(({ delta }) => delta).join(""), done.text);
  const { type, input_tokens: input, output_tokens: output, total_tokens: total } = done.usage;
  assert.equal(type, "tokens");
  assert.equal(input + output, total);
  assert.ok(input > 0 && output > 0);
  assert.equal((await hearing.upload(PATH, [file])).json.text, done.text);
});

test("a stream tells the times of words to whom asks, and what heard them", { skip: isDeaf }, async () => {
  const fields = [field("stream", "true"), field("timestamp_granularities[]", "word")];
  const events = eventsOf((await hearing.upload(PATH, [filePart(longReading(2)), ...fields])).text);
  const { model, language, duration, words_are_measured: areMeasured } = events.pop();
  assert.deepEqual([model, language, typeof areMeasured], ["moonshine-tiny", "en", "boolean"]);
  assert.ok(duration > 0);
  for (const { delta, start, end, words } of events) {
    assert.equal(words.map(({ word }) => word).join(" "), delta.trim());
    const times = words.flatMap((word) => [word.start, word.end]);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    assert.ok(times.at(0) >= start - 0.001 && times.at(-1) <= end + 0.001, `${start} ${times} ${end}`);
  }
});

test("who leaves is not transcribed for any longer", { skip: isDeaf }, async () => {
  const { body, headers } = form([filePart(longReading(40)), field("stream", "true")]);
  const begun = performance.now();
  await within(
    60_000,
    "the first event",
    new Promise((resolve, reject) => {
      const request = http.request({ port: hearing.port, method: "POST", path: PATH, headers }, (answer) =>
        answer.once("data", (first) => {
          request.destroy();
          resolve(first);
        }),
      );
      request.on("error", reject);
      request.end(body);
    }),
  );
  const left = performance.now();
  await hearing.logged(/POST \/v1\/audio\/transcriptions 200.*\n$/, 40_000);
  const ended = performance.now();
  assert.ok(ended - left < 5_000, `it went on for ${ended - left} ms; the first event took ${left - begun}`);
});

test("a transcript is kept in the history, unless it must not be", { skip: isDeaf }, async () => {
  const wav = reading(1).wav;
  const answer = await hearing.upload(PATH, [filePart(wav, "Sense & Sensibility – 1.wav")]);
  const entry = (await hearing.get(`/api/history/${answer.headers["x-history-id"]}/`)).json;
  assert.equal(entry.type, "stt");
  assert.equal(entry.full_text, answer.json.text);
  assert.equal(entry.input_filename, "Sense & Sensibility – 1.wav");
  assert.equal(entry.model, "moonshine-tiny");
  assert.equal(entry.language, "en");
  assert.equal(entry.words.map(({ word }) => word).join(" "), answer.json.text);
  assert.equal(entry.segments.map(({ text }) => text).join(" "), answer.json.text);
  const { total } = (await hearing.get("/api/history/?type=stt")).json;
  const unkept = await transcribe([field("save_history", "false")]);
  assert.equal(unkept.headers["x-history-id"], undefined);
  assert.equal((await hearing.get("/api/history/?type=stt")).json.total, total);
  const streamed = eventsOf((await transcribe([field("stream", "true")])).text).pop();
  assert.equal((await hearing.get(`/api/history/${streamed.history_id}/`)).json.full_text, streamed.text);
});
