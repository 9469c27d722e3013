// ElevenLabs' official client as judge: each call of its that Parlando answers, against the real
// program.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from "@elevenlabs/elevenlabs-js";
import { decode } from "../api/decoders.mjs";
import { serve } from "../api/server.mjs";

const KEY = "xi-local-0123456789";
const open = await serve({ after });
const closed = await serve({ after }, { env: { PARLANDO_API_KEY: KEY }, args: ["--open-listings", "no"], key: KEY });
const clientOf = (server, apiKey = "anything") => new ElevenLabsClient({ baseUrl: server.origin, apiKey, maxRetries: 0 });
const client = clientOf(open);
const VOICE = (await client.voices.getAll()).voices[0].voiceId;
const TEXT = "One, two, three. And here is another sentence that goes on for a while.";

async function collect(stream) {
  const all = [];
  for await (const each of stream) all.push(each);
  return all;
}

const bytesOf = async (stream) => Buffer.concat((await collect(await stream)).map((piece) => Buffer.from(piece)));
const speak = (wish = {}, voice = VOICE) => client.textToSpeech.convert(voice, { text: TEXT, modelId: "eleven_multilingual_v2", ...wish });

async function raised(call, status) {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (reason) => reason,
  );
  assert.ok(error instanceof ElevenLabsError, `${error}`);
  assert.equal(error.statusCode, status, error.message);
  assert.ok(error.requestId, "the request's id");
  return error;
}

describe("speech", () => {
  for (const [outputFormat, format, rate] of [
    ["mp3_44100_128", "mp3", 44100],
    ["mp3_22050_32", "mp3", 22050],
    ["pcm_24000", "pcm", 24000],
    ["wav_16000", "wav", 16000],
    ["opus_48000_64", "opus", 48000],
  ])
    test(`${outputFormat} decodes`, async () => {
      const { seconds, peak, rate: decoded } = decode(format, await bytesOf(speak({ outputFormat })));
      assert.ok(seconds > 2 && seconds < 10, `${seconds} s`);
      assert.ok(peak > 0.1, `peak ${peak}`);
      if (format !== "opus") assert.equal(decoded, rate); // its header tells the rate before encoding
    });

  test("mp3 at 44.1 kHz is what comes without a word about the format", async () => {
    assert.equal(decode("mp3", await bytesOf(speak())).rate, 44100);
  });

  test("streamed, it is the same speech", async () => {
    const stream = await client.textToSpeech.stream(VOICE, { text: TEXT, outputFormat: "pcm_24000" });
    assert.ok(decode("pcm", await bytesOf(stream)).seconds > 2);
  });

  test("the headers tell what it costs and which request it was", async () => {
    const { rawResponse } = await client.textToSpeech.convert(VOICE, { text: "Five." }).withRawResponse();
    assert.equal(rawResponse.headers.get("character-cost"), "5");
    assert.ok(rawResponse.headers.get("request-id"));
    assert.ok(Number(rawResponse.headers.get("maximum-concurrent-requests")) > 0);
  });

  test("settings that it knows change the speech, others do not hurt", async () => {
    const secondsAt = async (speed) =>
      decode("pcm", await bytesOf(speak({ outputFormat: "pcm_24000", voiceSettings: { speed, stability: 0.4, similarityBoost: 0.7, useSpeakerBoost: true } }))).seconds;
    assert.ok((await secondsAt(0.7)) > 1.3 * (await secondsAt(1.2)));
  });

  // Each character of the text once, in order, with times that go up.
  function checkAlignment({ characters, characterStartTimesSeconds: starts, characterEndTimesSeconds: ends }, seconds) {
    assert.equal(characters.length, starts.length);
    assert.equal(characters.length, ends.length);
    starts.forEach((start, i) => assert.ok(start <= ends[i] && start >= (starts[i - 1] ?? 0), `character ${i}`));
    assert.ok(ends.at(-1) <= seconds + 0.05, `${ends.at(-1)} of ${seconds} s`);
    return characters.join("");
  }

  test("with timestamps: each character's, all of them in order", async () => {
    const answer = await client.textToSpeech.convertWithTimestamps(VOICE, { text: TEXT, outputFormat: "pcm_24000" });
    const { seconds } = decode("pcm", Buffer.from(answer.audioBase64, "base64"));
    assert.equal(checkAlignment(answer.alignment, seconds), TEXT);
    if (answer.normalizedAlignment) checkAlignment(answer.normalizedAlignment, seconds);
  });

  test("streamed with timestamps: pieces that together are all of it", async () => {
    const pieces = await collect(await client.textToSpeech.streamWithTimestamps(VOICE, { text: TEXT, outputFormat: "pcm_24000" }));
    const { seconds } = decode("pcm", Buffer.concat(pieces.map(({ audioBase64 }) => Buffer.from(audioBase64 ?? "", "base64"))));
    assert.ok(seconds > 2);
    const aligned = pieces.map(({ alignment }) => alignment).filter(Boolean);
    const all = (name) => aligned.flatMap((alignment) => alignment[name]);
    const whole = {
      characters: all("characters"),
      characterStartTimesSeconds: all("characterStartTimesSeconds"),
      characterEndTimesSeconds: all("characterEndTimesSeconds"),
    };
    assert.equal(checkAlignment(whole, seconds), TEXT);
  });
});

describe("speech that is refused", () => {
  test("a voice that is not there", async () => {
    const error = await raised(speak({}, "no-such-voice-of-ours"), 404);
    assert.ok(error instanceof ElevenLabs.NotFoundError || error.constructor === ElevenLabsError);
    assert.equal(error.body.detail.code, "voice_not_found");
  });

  test("what is not well-formed: a list of mistakes, each with its place", async () => {
    const error = await raised(speak({ text: "" }), 422);
    assert.ok(error instanceof ElevenLabs.UnprocessableEntityError);
    assert.ok(Array.isArray(error.body.detail));
    assert.deepEqual(error.body.detail[0].loc, ["body", "text"]);
    await raised(speak({ voiceSettings: { speed: 9 } }), 422);
  });

  test("a wrong key", async () => {
    const stranger = clientOf(closed, "xi-wrong");
    const codeOf = async (call) => {
      const { body } = await raised(call, 401);
      return (body.detail ?? body.error).code; // two of these addresses are OpenAI's too, and so are their errors
    };
    const calls = [stranger.textToSpeech.convert(VOICE, { text: "Hm." }), stranger.voices.search(), stranger.voices.getAll(), stranger.models.list(), stranger.user.get()];
    assert.deepEqual(await Promise.all(calls.map(codeOf)), calls.map(() => "invalid_api_key"));
  });

  test("the right key opens", async () => {
    assert.ok((await bytesOf(clientOf(closed, KEY).textToSpeech.convert(VOICE, { text: "Open." }))).length > 0);
  });
});

describe("what there is", () => {
  test("voices", async () => {
    const { voices } = await client.voices.getAll();
    assert.ok(voices.length > 10);
    for (const voice of voices) {
      assert.ok(voice.voiceId && voice.name && voice.category, JSON.stringify(voice));
      assert.equal(typeof voice.labels, "object");
    }
  });

  test("one voice, and what it is spoken with", async () => {
    const voice = await client.voices.get(VOICE);
    assert.equal(voice.voiceId, VOICE);
    assert.ok(voice.name && voice.category);
    const settings = await client.voices.settings.get(VOICE);
    assert.equal(settings.speed, 1);
    assert.deepEqual(await client.voices.settings.getDefault(), settings);
    const error = await raised(client.voices.get("no-such-voice-of-ours"), 404);
    assert.equal(error.body.detail.code, "voice_not_found");
  });

  test("voices by pages and words", async () => {
    const found = await client.voices.search({ search: "german" });
    assert.ok(found.voices.length > 0 && found.voices.length < (await client.voices.getAll()).voices.length);
    const first = await client.voices.search({ pageSize: 2 });
    assert.equal(first.voices.length, 2);
    assert.equal(first.hasMore, true);
    const second = await client.voices.search({ pageSize: 2, nextPageToken: first.nextPageToken });
    assert.notEqual(second.voices[0].voiceId, first.voices[0].voiceId);
    assert.equal(second.totalCount, first.totalCount);
  });

  test("models, as an array", async () => {
    const models = await client.models.list();
    assert.ok(Array.isArray(models) && models.length > 0);
    for (const model of models) {
      assert.ok(model.modelId && model.name);
      assert.equal(model.canDoTextToSpeech, true);
    }
  });

  test("the account: no limit that matters", async () => {
    const user = await client.user.get();
    assert.ok(user.userId);
    const subscription = await client.user.subscription.get();
    assert.equal(subscription.status, "active");
    assert.ok(subscription.characterLimit > subscription.characterCount);
    assert.deepEqual(user.subscription.characterLimit, subscription.characterLimit);
  });
});
