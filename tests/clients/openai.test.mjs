// OpenAI's official clients as judges: both majors call each route of theirs that Parlando has, against
// the real program. What they do not understand, programs written for OpenAI would not either.
import assert from "node:assert/strict";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import * as openai6 from "openai6";
import { Stream as Stream6 } from "openai6/core/streaming";
import * as openai7 from "openai7";
import { Stream as Stream7 } from "openai7/core/streaming";
import { decode, formats, mediaTypes } from "../api/decoders.mjs";
import { ears, isDeaf, longReading, plain, reading, silence, wavOf } from "../api/real_speech.mjs";
import { folder, serve } from "../api/server.mjs";
import { wordErrorRate } from "../api/words.mjs";

const KEY = "sk-local-0123456789";
const open = await serve({ after }, { args: ["--upload-max-mb", "1"] });
const closed = await serve({ after }, { env: { PARLANDO_API_KEY: KEY }, args: ["--open-listings", "no"], key: KEY });
const hearing = isDeaf ? null : await serve({ after }, { env: ears });

const INPUT = "One, two, three. And here is another sentence that goes on for a while.";
const bytesOf = async (answer) => Buffer.from(await answer.arrayBuffer());

// Moonshine tiny mishears a word now and then.
const isHeard = (text, said) => assert.ok(wordErrorRate(text, said) <= 0.15, `heard "${text}", said was "${said}"`);

async function collect(stream) {
  const all = [];
  for await (const each of stream) all.push(each);
  return all;
}

for (const [major, api, Stream] of [
  ["openai 6", openai6, Stream6],
  ["openai 7", openai7, Stream7],
]) {
  const clientOf = (server, options = {}) =>
    new api.OpenAI({ apiKey: "anything", baseURL: `${server.origin}/v1`, maxRetries: 0, ...options });
  const client = clientOf(open);
  const speak = (wish = {}, options) =>
    client.audio.speech.create({ model: "tts-1", voice: "alloy", input: INPUT, ...wish }, options);

  // The error of a call as the client raises it.
  async function raised(call, errorClass, { param, code, message } = {}) {
    const error = await call.then(
      () => assert.fail("the call succeeded"),
      (reason) => reason,
    );
    assert.ok(error instanceof errorClass, `${error.constructor.name}: ${error.message}`);
    assert.ok(error.requestID, "the request's id");
    if (param !== undefined) assert.equal(error.param, param, error.message);
    if (code !== undefined) assert.equal(error.code, code, error.message);
    if (message) assert.match(error.message, message);
    return error;
  }

  describe(`${major}: speech`, () => {
    for (const format of formats)
      test(`${format} decodes`, async () => {
        const answer = await speak({ response_format: format });
        assert.equal(answer.headers.get("content-type"), mediaTypes[format]);
        const { seconds, peak } = decode(format, await bytesOf(answer));
        assert.ok(seconds > 2 && seconds < 10, `${seconds} s`);
        assert.ok(peak > 0.1 && peak <= 1, `peak ${peak}`);
      });

    test("mp3 is what comes without a word about the format", async () => {
      const answer = await speak();
      assert.equal(answer.headers.get("content-type"), "audio/mpeg");
      assert.ok(decode("mp3", await bytesOf(answer)).seconds > 2);
    });

    test("the body can be read piece by piece", async () => {
      const pieces = await collect((await speak({ response_format: "pcm", input: INPUT.repeat(20) })).body);
      assert.ok(pieces.length > 1, `${pieces.length} pieces`);
      assert.ok(decode("pcm", Buffer.concat(pieces)).seconds > 40);
    });

    test("models and voices of OpenAI's, also as an object, and fields of tomorrow", async () => {
      for (const wish of [
        { model: "tts-1-hd", voice: "nova" },
        { model: "gpt-4o-mini-tts", voice: { id: "shimmer" }, instructions: "Speak slowly." },
        { model: "gpt-4o-mini-tts-2025-12-15", voice: "marin", emotion: "calm" },
        { model: "espeak", voice: "en-gb" },
      ])
        assert.ok(decode("pcm", await bytesOf(await speak({ ...wish, response_format: "pcm" }))).seconds > 2, JSON.stringify(wish));
    });

    test("speed changes how long it takes", async () => {
      const secondsAt = async (speed) => decode("pcm", await bytesOf(await speak({ speed, response_format: "pcm" }))).seconds;
      const normal = await secondsAt(1);
      for (const speed of [0.25, 0.5, 2, 4]) {
        const ratio = (await secondsAt(speed)) / (normal / speed);
        assert.ok(ratio > 0.75 && ratio < 1.35, `${speed}: ${ratio} of what it should be`);
      }
    });

    test("7: as events, through the client's own iterator, the last one with its usage", async () => {
      const answer = await speak({ stream_format: "sse", response_format: "mp3" });
      assert.match(answer.headers.get("content-type"), /^text\/event-stream/);
      const events = await collect(Stream.fromSSEResponse(answer, new AbortController()));
      const done = events.pop();
      assert.ok(events.length > 0);
      assert.ok(events.every(({ type }) => type === "speech.audio.delta"));
      const sound = decode("mp3", Buffer.concat(events.map(({ audio }) => Buffer.from(audio, "base64"))));
      assert.ok(sound.seconds > 2);
      assert.equal(done.type, "speech.audio.done");
      const { input_tokens, output_tokens, total_tokens } = done.usage;
      assert.ok(input_tokens > 0 && output_tokens > 0);
      assert.equal(total_tokens, input_tokens + output_tokens);
    });

    test("what is refused is raised as the class that is meant, naming the field", async () => {
      const { BadRequestError } = api;
      for (const [wish, param] of [
        [{ input: "" }, "input"],
        [{ input: "x".repeat(4097) }, "input"],
        [{ input: 5 }, "input"],
        [{ voice: 7 }, "voice"],
        [{ response_format: "wma" }, "response_format"],
        [{ speed: 4.5 }, "speed"],
        [{ speed: 0.2 }, "speed"],
        [{ stream_format: "socket" }, "stream_format"],
      ]) {
        const error = await raised(speak(wish), BadRequestError, { param });
        assert.equal(error.type, "invalid_request_error");
      }
      assert.ok(decode("pcm", await bytesOf(await speak({ input: "é".repeat(4096), response_format: "pcm" }))).seconds > 0, "characters, not bytes");
    });

    test("a model that is not installed is asked for once: to try again would not help", async () => {
      let requests = 0;
      const counted = (...args) => (requests++, fetch(...args));
      const persistent = clientOf(open, { maxRetries: 2, fetch: counted });
      const error = await raised(persistent.audio.speech.create({ model: "piper", voice: "alloy", input: INPUT }), api.InternalServerError, {
        code: "model_not_installed",
        message: /parlando models pull/,
      });
      assert.equal(error.status, 503);
      assert.equal(requests, 1);
    });

    test("too many at a time are told so, and a client that tries again gets through", async () => {
      const { RateLimitError, APIUserAbortError } = api;
      const leave = new AbortController();
      const calls = Array.from({ length: 130 }, () => speak({ input: INPUT.repeat(50) }, { signal: leave.signal }));
      const [refused] = await Promise.any(calls.map((call) => call.then(() => Promise.reject(new Error("spoken")), (error) => (error instanceof RateLimitError ? [error] : Promise.reject(error)))));
      assert.equal(refused.status, 429);
      assert.equal(refused.code, "rate_limit_exceeded");
      assert.ok(Number(refused.headers.get("retry-after")) >= 1);
      leave.abort();
      const endings = await Promise.allSettled(calls);
      for (const { reason } of endings) assert.ok(!reason || reason instanceof RateLimitError || reason instanceof APIUserAbortError, `${reason}`);
      const patient = clientOf(open, { maxRetries: 5 });
      await patient.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Done." });
    });
  });

  describe(`${major}: transcription`, { skip: isDeaf }, () => {
    const ear = hearing ? clientOf(hearing) : null;
    const upload = (bytes, name = "speech.wav") => api.toFile(bytes, name);
    const hear = async (wish = {}, bytes = reading(1).wav) =>
      ear.audio.transcriptions.create({ model: "whisper-1", file: await upload(bytes), ...wish });
    const { says } = isDeaf ? {} : reading(1);

    test("json", async () => {
      const { text, usage } = await hear();
      isHeard(text, says);
      assert.equal(usage.type, "duration");
      assert.ok(usage.seconds > 1);
    });

    test("text, srt and vtt are strings", async () => {
      const [text, srt, vtt] = await Promise.all(["text", "srt", "vtt"].map((response_format) => hear({ response_format })));
      assert.equal(typeof text, "string");
      isHeard(text, says);
      assert.match(srt, /^1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\r?\n\S/);
      assert.match(vtt, /^WEBVTT\n\n/);
      assert.match(vtt, /00:0\d\.\d{3} --> /);
    });

    test("verbose_json with words and segments, asked for as the client does", async () => {
      const heard = await hear({ response_format: "verbose_json", timestamp_granularities: ["word", "segment"] });
      assert.equal(heard.task, "transcribe");
      assert.equal(heard.language, "english");
      isHeard(heard.text, says);
      isHeard(heard.words.map(({ word }) => word).join(" "), says);
      for (const { start, end } of heard.words) assert.ok(start <= end && end <= heard.duration + 0.1, `${start}-${end} of ${heard.duration}`);
      for (const segment of heard.segments)
        assert.deepEqual(
          ["avg_logprob", "compression_ratio", "end", "id", "no_speech_prob", "seek", "start", "temperature", "text", "tokens"].filter((key) => !(key in segment)),
          [],
        );
      const plainly = await hear({ response_format: "verbose_json" });
      assert.equal(plainly.words, undefined, "words only when asked for");
    });

    test("events, through the client's own iterator", async () => {
      const events = await collect(await hear({ model: "gpt-4o-mini-transcribe", stream: true }, longReading(1)));
      const done = events.pop();
      const deltas = events.filter(({ type }) => type === "transcript.text.delta");
      assert.equal(done.type, "transcript.text.done");
      assert.ok(done.usage);
      assert.ok(deltas.length > 1, "before all of it was heard");
      assert.equal(plain(deltas.map(({ delta }) => delta).join("")), plain(done.text));
    });

    test("a file that is streamed from disk, without a length", async (t) => {
      const path = join(folder(t), "récit d'été.wav");
      writeFileSync(path, reading(1).wav);
      const { text } = await ear.audio.transcriptions.create({ model: "whisper-1", file: createReadStream(path), language: "en" });
      isHeard(text, says);
    });

    test("all that a client may send along", async () => {
      const { text } = await hear({
        model: "gpt-4o-transcribe",
        chunking_strategy: { type: "server_vad", threshold: 0.4, silence_duration_ms: 300 },
        include: ["logprobs"],
        prompt: "From a novel.",
        temperature: 0,
        response_format: "json",
      });
      isHeard(text, says);
    });

    test("silence is no text", async () => {
      assert.equal((await hear({}, wavOf(silence(2)))).text, "");
    });
  });

  describe(`${major}: transcription that is refused`, () => {
    const send = async (wish = {}, options, bytes = wavOf(silence(1))) =>
      client.audio.transcriptions.create({ model: "whisper-1", file: await api.toFile(bytes, "a.wav"), ...wish }, options);

    test("naming the field", async () => {
      const { BadRequestError } = api;
      await raised(send({ response_format: "docx" }), BadRequestError, { param: "response_format" });
      await raised(send({ response_format: "diarized_json" }), BadRequestError, { param: "response_format" });
      await raised(send({ language: "xx-nowhere" }), BadRequestError, { param: "language" });
    });

    test("no model: a server's error that says how to get one", async () => {
      await raised(send(), api.InternalServerError, { message: /parlando models pull moonshine-tiny/ });
    });

    test("what is larger than allowed: 413, with the limit", async () => {
      const error = await raised(send({}, undefined, wavOf(silence(60))), api.APIError, { message: /1048576|1 MB/ });
      assert.equal(error.status, 413);
    });

    test("translations are no longer offered", async () => {
      const file = await api.toFile(wavOf(silence(1)), "a.wav");
      await raised(client.audio.translations.create({ model: "whisper-1", file }), api.BadRequestError, { code: "unsupported" });
    });
  });

  describe(`${major}: models`, () => {
    test("are listed, and found by their ids", async () => {
      const models = await collect(client.models.list());
      assert.ok(models.length > 0);
      for (const { id, object, created, owned_by } of models) {
        assert.equal(object, "model");
        assert.ok(Number.isInteger(created) && typeof owned_by === "string", id);
        assert.equal((await client.models.retrieve(id)).id, id);
      }
      assert.ok(models.some(({ id }) => id === "tts-1"));
      assert.ok(!models.some(({ id }) => id === "whisper-1"), "nothing hears here");
    });

    test("are found by the names of hubs, which have a slash", { skip: isDeaf }, async () => {
      assert.equal((await clientOf(hearing).models.retrieve("UsefulSensors/moonshine-tiny")).object, "model");
      assert.ok((await collect(clientOf(hearing).models.list())).some(({ id }) => id === "whisper-1"));
    });

    test("one that is not there is not found", async () => {
      await raised(client.models.retrieve("no/such-model"), api.NotFoundError, { code: "model_not_found", message: /"no\/such-model"/ });
    });
  });

  describe(`${major}: a server with a key`, () => {
    test("is spoken to with it", async () => {
      const known = clientOf(closed, { apiKey: KEY });
      assert.ok((await collect(known.models.list())).length > 0);
      await known.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Open." });
    });

    test("and refuses all others, before they send much", async () => {
      const stranger = clientOf(closed, { apiKey: "sk-wrong" });
      const wanted = { code: "invalid_api_key" };
      await raised(stranger.models.list(), api.AuthenticationError, wanted);
      await raised(stranger.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hm." }), api.AuthenticationError, wanted);
      const file = await api.toFile(wavOf(silence(1)), "a.wav");
      await raised(stranger.audio.transcriptions.create({ model: "whisper-1", file }), api.AuthenticationError, wanted);
    });
  });

  describe(`${major}: what is not here`, () => {
    test("is not found, as its own class", async () => {
      await raised(client.chat.completions.create({ model: "gpt-4o", messages: [] }), api.NotFoundError);
    });
  });

  test(`${major}: a client that leaves costs nothing any more`, async () => {
    const leave = new AbortController();
    const answer = await speak({ input: INPUT.repeat(50), response_format: "wav" }, { signal: leave.signal });
    const reader = answer.body.getReader();
    assert.ok((await reader.read()).value.length > 0);
    leave.abort();
    await assert.rejects(async () => {
      while (!(await reader.read()).done) continue;
    });
  });
}
