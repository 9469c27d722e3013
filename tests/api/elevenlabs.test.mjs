import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serve } from "./server.mjs";

const server = await serve({ after });
const TEXT = "Hello there, world. It was a bright cold day in April.";
const at = (ending = "", voice = "en-us") => `/v1/text-to-speech/${voice}${ending}`;
const speak = (body, path = at(), options) => server.post(path, { text: TEXT, ...body }, options);

// espeak hisses at random, so that the same text is a few samples longer or shorter each time.
const isNear = (one, other) => Math.abs(one - other) < 0.01 * other;

// Its seconds, of 16-bit samples.
const seconds = (bytes, rate) => bytes.length / 2 / rate;

// --- audio ---

test("a text is spoken, and the headers say what clients add up", async () => {
  const answer = await speak({ model_id: "eleven_multilingual_v2" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "audio/mpeg");
  assert.equal(answer.headers["request-id"], answer.headers["x-request-id"]);
  assert.equal(answer.headers["character-cost"], String(TEXT.length));
  assert.ok(Number(answer.headers["current-concurrent-requests"]) >= 1);
  assert.equal(answer.headers["maximum-concurrent-requests"], "32");
  assert.equal(answer.headers["x-parlando-engine"], "espeak");
  assert.ok(answer.body.length > 10_000);
  const streamed = await speak({}, at("/stream"));
  assert.equal(streamed.headers["content-type"], "audio/mpeg");
  assert.ok(isNear(streamed.body.length, answer.body.length));
});

test("each output_format is what its name says", async () => {
  const wanted = { pcm: "audio/pcm", wav: "audio/wav", ulaw: "audio/basic", alaw: "audio/x-alaw-basic" };
  const spoken = seconds((await speak({}, at("?output_format=pcm_24000"))).body, 24000);
  assert.ok(spoken > 2, `${spoken} s`);
  for (const rate of [8000, 16000, 22050, 24000, 32000, 44100, 48000]) {
    for (const codec of ["pcm", "wav"]) {
      const { status, headers, body } = await speak({}, at(`?output_format=${codec}_${rate}`));
      assert.equal(status, 200);
      assert.equal(headers["content-type"], wanted[codec]);
      if (codec === "wav") assert.equal(body.readUInt32LE(24), rate);
      assert.ok(Math.abs(seconds(body, rate) - spoken) < 0.05, `${codec}_${rate}: ${seconds(body, rate)} s`);
    }
  }
  for (const codec of ["ulaw", "alaw"]) {
    const { headers, body } = await speak({}, at(`/stream?output_format=${codec}_8000`));
    assert.equal(headers["content-type"], wanted[codec]);
    assert.ok(Math.abs(body.length / 8000 - spoken) < 0.05);
  }
  // A frame's header tells the rate and the bit rate of an MP3 (ISO 11172-3, 2.4.1.3; 13818-3).
  const rates = { 0b11: [44100, 48000, 32000], 0b10: [22050, 24000, 16000] };
  const kbps = { 0b11: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
                 0b10: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160] };
  for (const name of ["22050_32", "24000_48", "44100_32", "44100_64", "44100_96", "44100_128", "44100_192"]) {
    const { body } = await speak({}, at(`?output_format=mp3_${name}`));
    const frame = body.findIndex((byte, i) => byte === 0xff && (body[i + 1] & 0xe0) === 0xe0);
    const version = (body[frame + 1] >> 3) & 3;
    const [rate, bits] = [rates[version][(body[frame + 2] >> 2) & 3], kbps[version][body[frame + 2] >> 4]];
    assert.equal(`${rate}_${bits}`, name);
  }
  for (const bits of [32, 64, 96, 128, 192]) {
    const { body } = await speak({}, at(`?output_format=opus_48000_${bits}`));
    assert.equal(body.toString("latin1", 0, 4), "OggS");
    assert.equal(body.toString("latin1", 28, 36), "OpusHead");
  }
});

test("the speed is heard, the rest of the settings changes nothing", async () => {
  const pcm = (body) => speak(body, at("?output_format=pcm_16000"));
  const natural = (await pcm({})).body;
  for (const [speed, least, most] of [[0.7, 1.3, 1.55], [1.2, 0.75, 0.9], [0.25, 3.5, 4.5], [4, 0.2, 0.35]]) {
    const { status, body } = await pcm({ voice_settings: { speed } });
    assert.equal(status, 200);
    const times = body.length / natural.length;
    assert.ok(times > least && times < most, `at ${speed}: ${times} times as long`);
  }
  const settings = { stability: 0.1, similarity_boost: 0.9, style: 1, use_speaker_boost: false, speed: 1 };
  const full = await pcm({ voice_settings: settings, seed: 7, previous_text: "Before.", next_text: "After.",
                           pronunciation_dictionary_locators: [], apply_text_normalization: "auto" });
  assert.equal(full.status, 200);
  assert.ok(isNear(full.body.length, natural.length));
});

test("names of OpenAI's are voices too, and each engine's own", async () => {
  assert.equal((await speak({}, at("", "alloy"))).status, 200);
  assert.equal((await speak({}, at("", "espeak:de"))).headers["x-parlando-voice"], "de");
  const german = await speak({ language_code: "de" }, at("?output_format=pcm_16000"));
  assert.equal(german.status, 200);
});

test("speech is kept in the history, unless nothing may be logged", async () => {
  const kept = await speak({});
  const entry = (await server.get(`/api/history/${kept.headers["x-history-id"]}/`)).json;
  assert.equal(entry.full_text, TEXT);
  assert.equal(entry.engine, "espeak");
  assert.equal(entry.has_audio, true);
  const unkept = await speak({}, at("?enable_logging=false"));
  assert.equal(unkept.status, 200);
  assert.equal(unkept.headers["x-history-id"], undefined);
});

// --- times ---

function checkAlignment({ characters, character_start_times_seconds: starts, character_end_times_seconds: ends }, end) {
  assert.equal(characters.length, starts.length);
  assert.equal(characters.length, ends.length);
  let now = 0;
  for (const [i, character] of characters.entries()) {
    assert.ok(starts[i] >= now && ends[i] >= starts[i] && ends[i] <= end + 0.002, `"${character}" at ${starts[i]}-${ends[i]}`);
    now = starts[i];
  }
}

test("each character has its time in the sound", async () => {
  const texts = [TEXT, "It cost $5 – “naïve” façades 🙂, I'd say.", "One.\n\n  Two [pause:300ms] three.", "a"];
  for (const text of texts) {
    const answer = await speak({ text }, at("/with-timestamps?output_format=pcm_16000"));
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers["content-type"], /^application\/json/);
    const { audio_base64: audio, alignment, normalized_alignment: normalized } = answer.json;
    const end = seconds(Buffer.from(audio, "base64"), 16000);
    assert.equal(alignment.characters.join(""), text);
    assert.equal(alignment.characters.length, [...text].length);
    assert.equal(normalized, null);
    checkAlignment(alignment, end);
    assert.ok(alignment.character_end_times_seconds.at(-1) > 0.6 * end);
  }
});

test("the sound with times is the one that is kept, in one run of base64 or in several", async () => {
  const kept = async ({ headers }) => (await server.get(`/api/history/${headers["x-history-id"]}/audio/`)).body;
  for (const format of ["mp3_44100_128", "opus_48000_64", "pcm_16000", "ulaw_8000"]) {
    const whole = await speak({}, at(`/with-timestamps?output_format=${format}`));
    const audio = Buffer.from(whole.json.audio_base64, "base64");
    assert.equal(audio.toString("base64"), whole.json.audio_base64, format);
    assert.ok(audio.equals(await kept(whole)), format);
    const stream = await speak({}, at(`/stream/with-timestamps?output_format=${format}`));
    const pieces = stream.text.split("\n").filter(Boolean).map((line) => JSON.parse(line).audio_base64);
    assert.ok(Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).equals(await kept(stream)), format);
  }
});

test("a stream with times tells each character once, in order", async () => {
  const text = `${TEXT} ${TEXT} ${TEXT} And that is all.`;
  const { headers, text: lines } = await speak({ text }, at("/stream/with-timestamps?output_format=pcm_16000"));
  assert.match(headers["content-type"], /ndjson/);
  const document = await server.document();
  const pieces = lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  assert.ok(pieces.length > 2);
  for (const piece of pieces) assert.deepEqual(document.checkSchema("ElevenLabsTimedSpeech", piece), []);
  const all = pieces.flatMap(({ alignment }) => alignment ?? []);
  assert.ok(all.length > 1, "the times come along with the sound, not all at its end");
  const end = pieces.reduce((sum, { audio_base64: piece }) => sum + seconds(Buffer.from(piece, "base64"), 16000), 0);
  const join = (name) => all.flatMap((alignment) => alignment[name]);
  const names = ["characters", "character_start_times_seconds", "character_end_times_seconds"];
  checkAlignment(Object.fromEntries(names.map((name) => [name, join(name)])), end);
  assert.equal(join("characters").join(""), text);
});

// --- refusals ---

test("a voice that is not there is told, as every error, in ElevenLabs' words", async () => {
  for (const [voice, ending] of [["nobody", ""], ["21m00Tcm4TlvDq8ikWAM", "/stream"], ["nobody", "/with-timestamps"]]) {
    const { status, headers, json } = await speak({}, at(ending, voice));
    assert.equal(status, 404);
    assert.deepEqual(Object.keys(json.detail).sort(), ["code", "message", "param", "request_id", "status", "type"]);
    assert.equal(json.detail.code, "voice_not_found");
    assert.equal(json.detail.status, "voice_not_found");
    assert.equal(json.detail.request_id, headers["x-request-id"]);
    assert.match(json.detail.message, new RegExp(voice));
  }
});

test("what is wrong with a body is told by its place", async () => {
  const cases = [
    [{ text: undefined }, "", ["body", "text"]],
    [{ text: null }, "", ["body", "text"]],
    [{ text: 5 }, "", ["body", "text"]],
    [{ text: " \n" }, "", ["body", "text"]],
    [{ voice_settings: { speed: 4.5 } }, "", ["body", "voice_settings", "speed"]],
    [{ voice_settings: { stability: "high" } }, "", ["body", "voice_settings", "stability"]],
    [{ seed: -1 }, "", ["body", "seed"]],
    [{}, "?output_format=mp3_1", ["query", "output_format"]],
    [{}, "?output_format=", ["query", "output_format"]],
  ];
  for (const [body, query, place] of cases) {
    const { status, json } = await speak(body, at(query));
    assert.equal(status, 422, JSON.stringify(body));
    assert.deepEqual(json.detail.map(({ loc }) => loc), [place]);
    assert.ok(json.detail[0].msg && json.detail[0].type);
  }
});

test("texts that cannot be spoken are refused before anything is sent", async () => {
  const cases = [
    ["a ".repeat(20_001), 400, "max_character_limit_exceeded", /40002 characters; 40000/],
    ["?!", 400, "invalid_parameters", /nothing to speak/],
    ["Wait [pause:9h] now.", 400, "invalid_parameters", /60 s/],
  ];
  for (const [text, status, code, message] of cases) {
    for (const ending of ["", "/stream", "/with-timestamps", "/stream/with-timestamps"]) {
      const answer = await speak({ text }, at(ending));
      assert.equal(answer.status, status);
      assert.equal(answer.json.detail.code, code);
      assert.equal(answer.json.detail.param, "text");
      assert.match(answer.json.detail.message, message);
    }
  }
  const broken = await server.request("POST", at(), { body: "{", headers: { "Content-Type": "application/json" } });
  assert.equal(broken.status, 400);
  assert.equal(broken.json.detail.type, "validation_error");
});

test("an engine without its model is no reason to try again", async () => {
  const missing = await serve({ after }, { engine: "kokoro" });
  const { status, json } = await missing.post(at("", "af_bella"), { text: TEXT });
  assert.equal(status, 503);
  assert.equal(json.detail.code, "model_not_available");
  assert.match(json.detail.message, /parlando models pull kokoro/);
});

test("the key may come under ElevenLabs' name", async () => {
  const locked = await serve({ after }, { env: { PARLANDO_API_KEY: "secret" } });
  for (const path of ["/v1/user", "/v1/user/subscription"]) {
    const { status, json } = await locked.get(path);
    assert.equal(status, 401);
    assert.equal(json.detail.code, "invalid_api_key");
    assert.equal((await locked.get(path, { headers: { "xi-api-key": "secret" } })).status, 200);
  }
  const spoken = { headers: { "xi-api-key": "secret" } };
  assert.equal((await locked.post(at(), { text: "Yes." })).status, 401);
  assert.equal((await locked.post(at(), { text: "Yes." }, spoken)).status, 200);
});

// --- the account ---

test("the account has every member that clients insist on", async () => {
  const { json } = await server.get("/v1/user/subscription");
  const members = `tier character_count character_limit max_credit_limit_extension can_extend_character_limit
    allowed_to_extend_character_limit voice_slots_used professional_voice_slots_used voice_limit voice_add_edit_counter
    professional_voice_limit can_extend_voice_limit can_use_instant_voice_cloning can_use_professional_voice_cloning
    current_overage status open_invoices has_open_invoices next_character_count_reset_unix`;
  for (const name of members.split(/\s+/)) assert.ok(name in json, name);
  assert.ok(json.character_limit - json.character_count > 1_000_000);
  assert.deepEqual((await server.get("/v1/user")).json.subscription, json);
});

// --- voices ---

const voices = async (query) => (await server.get(`/v2/voices?${query}`)).json;

test("voices come a page at a time, each once", async () => {
  const first = await voices("");
  assert.equal(first.voices.length, 10);
  assert.equal(first.has_more, true);
  const seen = [];
  let token = "";
  do {
    const page = await voices(`page_size=37${token && `&next_page_token=${token}`}`);
    assert.equal(page.total_count, first.total_count);
    assert.equal(page.has_more, page.next_page_token !== null);
    seen.push(...page.voices.map(({ voice_id: id }) => id));
    token = page.next_page_token;
  } while (token);
  assert.equal(seen.length, first.total_count);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual((await voices("next_page_token=99999")).voices, []);
});

test("voices are searched, filtered and sorted", async () => {
  const ids = async (query) => (await voices(`page_size=100&${query}`)).voices.map(({ voice_id: id }) => id);
  const english = await ids("language=en");
  assert.ok(english.includes("en-us") && english.includes("en-gb") && !english.includes("de"));
  assert.deepEqual(await ids("language=english"), english);
  assert.deepEqual(await ids("language=en-us"), english.filter((id) => id === "en-us"));
  assert.deepEqual(await ids("search=gErMaN"), ["de"]);
  assert.deepEqual(await ids("search=no%20such%20voice"), []);
  assert.deepEqual((await ids("voice_ids=de&voice_ids=it&voice_ids=nobody")).sort(), ["de", "it"]);
  assert.deepEqual(await ids("category=cloned"), []);
  assert.deepEqual(await ids("voice_type=personal"), []);
  assert.deepEqual(await ids("age=old"), []);
  assert.ok((await ids("category=premade&voice_type=default")).length > 20);
  const names = async (query) => (await voices(`page_size=100&${query}`)).voices.map(({ name }) => name.toLowerCase());
  const up = await names("sort=name&sort_direction=asc&language=en");
  assert.deepEqual(up, up.toSorted());
  assert.deepEqual(await names("sort=name&sort_direction=desc&language=en"), up.toReversed());
});

test("a voice is found by each name that speaks, with its settings", async () => {
  const listed = (await server.get("/v1/voices")).json.voices;
  for (const voice of [listed[0], listed.at(-1)]) {
    const { status, json } = await server.get(`/v1/voices/${encodeURIComponent(voice.voice_id)}?with_settings=true`);
    assert.equal(status, 200);
    assert.deepEqual(json, voice);
  }
  const alias = (await server.get("/v1/voices/alloy")).json;
  assert.equal(alias.voice_id, "alloy");
  assert.equal(alias.engine, "espeak");
  const presumed = (await server.get("/v1/voices/settings/default")).json;
  assert.equal(presumed.stability, 0.5);
  assert.equal(presumed.speed, 1);
  assert.deepEqual((await server.get("/v1/voices/de/settings")).json, presumed);
});

test("a voice that is not there is none to look at either", async () => {
  for (const path of ["/v1/voices/nobody", "/v1/voices/nobody/settings", "/v1/voices/espeak:nobody", "/v1/voices/de(2)+it(1)"]) {
    const { status, json } = await server.get(path);
    assert.equal(status, 404, path);
    assert.equal(json.detail.code, "voice_not_found");
    assert.equal(json.detail.param, "voice_id");
  }
  const missing = await serve({ after }, { engine: "kokoro" });
  assert.equal((await missing.get("/v1/voices/settings/default")).status, 200);
  assert.equal((await missing.get("/v1/voices/af_bella")).json.detail.code, "model_not_available");
});

test("a page that cannot be is refused", async () => {
  for (const query of ["page_size=0", "page_size=101", "page_size=ten", "next_page_token=x", "next_page_token=-1", "sort=age",
                       "sort_direction=up", "voice_ids=a&".repeat(101)]) {
    const { status, json } = await server.get(`/v2/voices?${query}`);
    assert.equal(status, 422, query);
    assert.equal(json.detail[0].loc[0], "query");
    assert.equal(json.detail[0].loc[1], query.split("=")[0]);
  }
  const lost = await server.get("/v2/anything");
  assert.equal(lost.status, 404);
  assert.equal(lost.json.detail.type, "not_found");
});

test("what is not here of ElevenLabs is refused in its words", async () => {
  for (const [method, path] of [["POST", "/v1/speech-to-text"], ["GET", "/v1/speech-to-text/transcripts/x"], ["GET", "/v1/history"], ["GET", "/v1/history/x/audio"], ["POST", "/v1/voices/add"]]) {
    const { status, json } = await server.request(method, path, { headers: { "xi-api-key": "any" } });
    assert.ok(status === 404 || status === 405, `${method} ${path}: ${status}`);
    assert.equal(json.error, undefined, path);
    assert.deepEqual([json.detail.code, json.detail.param], [status === 404 ? "not_found" : "method_not_allowed", null], path);
    assert.ok(json.detail.message, path);
  }
});

test("what both APIs have at one address errs as OpenAI does", async () => {
  const options = { headers: { "xi-api-key": "any" } };
  const { json } = await server.request("DELETE", "/v1/voices", options);
  assert.equal(json.error.type, "invalid_request_error");
  const list = (await server.get("/v1/models", options)).json;
  assert.ok(Array.isArray(list) && list.every(({ model_id: id }) => typeof id === "string"));
});
