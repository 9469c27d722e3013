// The history: what was spoken and heard, its audio, and what is kept of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { NOBODY } from "./fixtures.mjs";
import { filesBelow, folder, serve, spawnServer } from "./server.mjs";

const server = await serve({ after });
const path = "/api/history/";

// Speaks, and resolves to {id, bytes}.
async function speak(on, input, more = {}) {
  const answer = await on.post("/v1/audio/speech", { model: "tts-1", input, voice: "en-us", ...more });
  assert.equal(answer.status, 200, answer.text);
  return { id: answer.headers["x-history-id"], bytes: answer.body };
}

const list = async (on, query = "") => (await on.get(`${path}${query}`)).json;
const entry = async (on, id) => (await on.get(`${path}${id}/`)).json;
const texts = (page) => page.items.map(({ text_preview }) => text_preview);
const audioFiles = (on) => filesBelow(join(on.data, "assets", "history"));
const staged = (on) => filesBelow(join(on.data, "media", "staged"));

// Every entry that has audio has its file, whole, and there is no other file.
async function checkRowsAndFiles(on) {
  const { items, total, bytes } = await list(on, "?limit=1000");
  assert.equal(items.length, total);
  const kept = items.filter(({ has_audio }) => has_audio);
  for (const { output_path, output_bytes } of kept) assert.equal(statSync(join(on.data, output_path)).size, output_bytes, output_path);
  assert.deepEqual(audioFiles(on), kept.map(({ output_path }) => output_path.split("/").at(-1)).sort());
  assert.equal(bytes, kept.reduce((sum, { output_bytes }) => sum + output_bytes, 0));
  assert.deepEqual(staged(on), []);
}

// A transcript without a model to make it: as a row, while no server runs.
function addTranscript(data, id, text, filename) {
  const sql = `INSERT INTO history_entries (id, type, created_at, engine, model, language, duration_s, text_preview,
    input_filename, words_are_measured, search_text, full_text, segments_json)
    VALUES (?, 'stt', 1790000000000, 'moonshine', 'moonshine-tiny', 'en', 2.0, ?, ?, 0, lower(?), ?, ?)`;
  const values = [id, text, filename, `${text}\n\n${filename}`, text, JSON.stringify([0, 2000, text])];
  const script = "import json,sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2],json.loads(sys.argv[3])); c.commit()";
  const made = spawnSync("python3", ["-c", script, join(data, "studio.db"), sql, JSON.stringify(values)], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
}

test("a misspelt filter deletes nothing", async () => {
  const { id } = await speak(server, "Keep me.");
  for (const query of ["?serach=keep", "?type=tts&serch=x"]) {
    const answer = await server.del(`${path}${query}`);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /no filter/);
  }
  assert.equal((await entry(server, id)).full_text, "Keep me.");
  assert.equal((await server.del(`${path}?search=keep`)).json.deleted, 1);
});

test("what is spoken is kept with its parameters, and its audio is what was streamed", async () => {
  const { id, bytes } = await speak(server, "It was spoken once.", { speed: 1.5, response_format: "flac", language: "en-GB" });
  const { created_at, duration_s, ...rest } = (await list(server)).items.find((item) => item.id === id);
  assert.deepEqual(rest, {
    id,
    type: "tts",
    engine: "espeak",
    model: null,
    voice: rest.voice,
    speed: 1.5,
    format: "flac",
    language: "en-GB",
    profile_id: null,
    text_preview: "It was spoken once.",
    input_filename: null,
    output_path: `assets/history/${id}.flac`,
    audio_url: `/api/history/${id}/audio/`,
    output_bytes: bytes.length,
    has_audio: true,
  });
  assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000);
  assert.ok(duration_s > 0.5 && duration_s < 3, duration_s);
  assert.deepEqual((await server.get(rest.audio_url)).body, bytes);
  assert.deepEqual(readFileSync(join(server.data, rest.output_path)), bytes);
});

test("a single entry has the whole text, and words in its order", async () => {
  const input = `${"A long sentence that says little. ".repeat(10)}The end.`;
  const { id } = await speak(server, input);
  const whole = await entry(server, id);
  assert.equal(whole.full_text, input);
  assert.equal(whole.text_preview, input.slice(0, 200));
  assert.deepEqual(whole.segments, []);
  assert.equal(typeof whole.words_are_measured, "boolean");
  assert.deepEqual(whole.words.map(({ word }) => word.replace(/\W/g, "")), input.split(" ").map((word) => word.replace(/\W/g, "")));
  let last = 0;
  for (const { start, end } of whole.words) {
    assert.ok(start >= last && end >= start && end <= whole.duration_s + 0.05, JSON.stringify({ start, end, last }));
    last = start;
  }
});

test("audio is sent in ranges, by its tag, and to be saved", async () => {
  const { id, bytes } = await speak(server, "Größe & Güte: ein Test!");
  const url = `${path}${id}/audio/`;
  const whole = await server.get(url);
  assert.equal(whole.headers["content-type"], "audio/mpeg");
  assert.equal(whole.headers["content-disposition"], undefined);
  const part = await server.get(url, { headers: { Range: "bytes=100-199" } });
  assert.equal(part.status, 206);
  assert.deepEqual(part.body, bytes.subarray(100, 200));
  assert.equal((await server.get(url, { headers: { Range: `bytes=${bytes.length}-` } })).status, 416);
  assert.equal((await server.get(url, { headers: { "If-None-Match": whole.headers.etag } })).status, 304);
  const head = await server.head(url);
  assert.equal(Number(head.headers["content-length"]), bytes.length);
  const saved = await server.get(`${url}?download=1`);
  assert.match(saved.headers["content-disposition"], /^attachment; filename="ein-test-en-us\.mp3"; filename\*=UTF-8''gr%C3%B6%C3%9Fe-g%C3%BCte-ein-test-en-us\.mp3$/);
  assert.deepEqual(saved.body, bytes);
});

test("kept audio has the type it was sent with, whatever the format", async () => {
  const typeOf = async (sent) => {
    const kept = await server.get(`${path}${sent.headers["x-history-id"]}/audio/`);
    assert.equal(kept.headers["content-type"], sent.headers["content-type"]);
    return kept.headers["content-type"];
  };
  const inFormat = (response_format) => server.post("/v1/audio/speech", { input: "One.", voice: "en-us", model: "tts-1", response_format });
  const types = [];
  for (const format of ["mp3", "opus", "aac", "flac", "wav", "pcm"]) types.push(await typeOf(await inFormat(format)));
  for (const format of ["ulaw_8000", "alaw_8000"])
    types.push(await typeOf(await server.post(`/v1/text-to-speech/en-us?output_format=${format}`, { text: "One." })));
  assert.equal(new Set(types).size, 8);
});

test("a WAV that was streamed is a whole WAV in the history", async () => {
  const { id, bytes } = await speak(server, "One and two.", { response_format: "wav" });
  const kept = (await server.get(`${path}${id}/audio/`)).body;
  assert.equal(kept.length, bytes.length);
  assert.equal(kept.readUInt32LE(4), kept.length - 8);
  assert.equal(kept.readUInt32LE(40), kept.length - 44);
  assert.deepEqual(kept.subarray(44), bytes.subarray(44));
});

test("what was asked not to be kept is not", async () => {
  const before = await list(server);
  const { id } = await speak(server, "Nobody will know.", { save_history: false });
  assert.equal(id, undefined);
  assert.equal((await list(server)).total, before.total);
  await checkRowsAndFiles(server);
});

test("what cannot be spoken leaves nothing", async () => {
  const before = await list(server);
  assert.equal((await server.post("/v1/audio/speech", { model: "tts-1", input: "", voice: "en-us" })).status, 400);
  assert.equal((await server.post("/v1/audio/speech", { model: "tts-1", input: "x".repeat(5000), voice: "en-us" })).status, 400);
  assert.equal((await list(server)).total, before.total);
  await checkRowsAndFiles(server);
});

test("lists come by pages, by type and by search", async (t) => {
  const data = folder(t);
  const first = await serve(t, { data });
  for (const text of ["Alpha 100%", "Beta_1", "ГАММА", "alphabet"]) await speak(first, text, { response_format: "pcm" });
  await first.stop();
  addTranscript(data, "01a1fe86-0000-7000-8000-00000000000b", "Alpha was heard.", "Interview.wav");
  const on = await serve(t, { data });

  assert.deepEqual(texts(await list(on)), ["Alpha was heard.", "alphabet", "ГАММА", "Beta_1", "Alpha 100%"]);
  assert.deepEqual(texts(await list(on, "?type=tts&limit=2&offset=1")), ["ГАММА", "Beta_1"]);
  const page = await list(on, "?limit=2&offset=4");
  assert.deepEqual([page.total, page.limit, page.offset, page.items.length], [5, 2, 4, 1]);
  assert.deepEqual(texts(await list(on, "?offset=99")), []);
  assert.deepEqual(texts(await list(on, "?type=stt")), ["Alpha was heard."]);
  const searches = { ALPHA: 3, "lpha 1": 1, "100%": 1, "%": 1, _: 1, гамма: 1, interview: 1, "en-us": 4, "a%": 0, zebra: 0 };
  for (const [search, count] of Object.entries(searches)) assert.equal((await list(on, `?search=${encodeURIComponent(search)}`)).total, count, search);
  assert.deepEqual(texts(await list(on, "?search=alpha&type=tts&limit=1")), ["alphabet"]);

  for (const [query, field] of [["?type=music", "type"], ["?limit=0", "limit"], ["?limit=1001", "limit"], ["?limit=x", "limit"], ["?offset=-1", "offset"]]) {
    const answer = await on.get(`${path}${query}`);
    assert.equal(answer.status, 400, query);
    assert.deepEqual(Object.keys(answer.json), [field]);
  }
});

test("a transcript has its segments, and cannot be spoken again", async (t) => {
  const data = folder(t);
  await (await serve(t, { data })).stop();
  const id = "01a1fe86-0000-7000-8000-00000000000c";
  addTranscript(data, id, "It was heard.", "Fox.wav");
  const on = await serve(t, { data });
  const whole = await entry(on, id);
  assert.deepEqual(whole.segments, [{ start: 0, end: 2, text: "It was heard." }]);
  assert.deepEqual([whole.type, whole.input_filename, whole.has_audio, whole.speed, whole.audio_url], ["stt", "Fox.wav", false, null, null]);
  const again = await on.post(`${path}${id}/regenerate/`);
  assert.equal(again.status, 400);
  assert.match(again.json.detail, /transcript/);
  assert.equal((await on.get(`${path}${id}/audio/`)).status, 404);
  assert.match((await on.get(`${path}${id}/subtitles/`)).text, /^1\n00:00:00,000 --> 00:00:02,000\nIt was heard\.\n/);
});

test("subtitles are made of the words", async () => {
  const { id } = await speak(server, "The first sentence. The second one.");
  const srt = await server.get(`${path}${id}/subtitles/`);
  assert.match(srt.headers["content-type"], /subrip/);
  assert.match(srt.text, /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nThe first sentence\. The second one\.\n/);
  const vtt = await server.get(`${path}${id}/subtitles/?format=vtt&download=1`);
  assert.match(vtt.text, /^WEBVTT\n/);
  assert.match(vtt.headers["content-disposition"], /the-first-sentence-the-second-one-en-us\.vtt$/);
  assert.equal((await server.get(`${path}${id}/subtitles/?format=ass`)).status, 400);
  assert.equal((await server.get(`${path}${NOBODY}/subtitles/`)).status, 404);
});

test("an entry is spoken again as it was, and kept as a new one", async () => {
  const { id, bytes } = await speak(server, "Say it again.", { speed: 2, response_format: "wav" });
  const again = await server.post(`${path}${id}/regenerate/`);
  assert.equal(again.status, 200);
  assert.equal(again.headers["content-type"], "audio/wav");
  assert.ok(Math.abs(again.body.length / bytes.length - 1) < 0.05, `${again.body.length} bytes, and ${bytes.length} then`);
  const [old, made] = [await entry(server, id), await entry(server, again.headers["x-history-id"])];
  assert.notEqual(made.id, old.id);
  for (const same of ["full_text", "engine", "model", "voice", "speed", "format", "language"]) assert.deepEqual(made[same], old[same], same);
  assert.equal((await server.post(`${path}${NOBODY}/regenerate/`)).status, 404);
});

test("what a profile has spoken says so until the profile goes", async () => {
  const profile = (await server.post("/api/profiles/", { name: "For the history", backend: "espeak", voice: "de", speed: 0.5, format: "opus" })).json;
  const { id } = await speak(server, "Hallo.", { voice: undefined, profile_id: profile.id });
  const spoken = await entry(server, id);
  assert.deepEqual([spoken.profile_id, spoken.voice, spoken.speed, spoken.format], [profile.id, "de", 0.5, "opus"]);
  await server.del(`/api/profiles/${profile.id}/`);
  const later = await entry(server, id);
  assert.deepEqual([later.profile_id, later.voice, later.full_text], [null, "de", "Hallo."]);
});

test("deleting takes rows and files together", async (t) => {
  const on = await serve(t);
  const kept = await speak(on, "Keep me.");
  const gone = await speak(on, "Drop me.");
  assert.equal((await on.del(`${path}${gone.id}/`)).status, 204);
  assert.equal((await on.del(`${path}${gone.id}/`)).status, 404);
  assert.equal((await on.get(`${path}${gone.id}/audio/`)).status, 404);
  await checkRowsAndFiles(on);
  for (let i = 0; i < 3; i++) await speak(on, `Number ${i}`);
  assert.equal((await on.del(`${path}?type=nothing`)).status, 400);
  assert.deepEqual((await on.del(`${path}?type=stt`)).json, { deleted: 0 });
  assert.deepEqual((await on.del(`${path}?search=NUMBER`)).json, { deleted: 3 });
  assert.deepEqual((await list(on)).items.map(({ id }) => id), [kept.id]);
  await checkRowsAndFiles(on);
  assert.deepEqual((await on.del(path)).json, { deleted: 1 });
  assert.deepEqual((await list(on)).items, []);
  await checkRowsAndFiles(on);
});

test("many speak, delete and clear at once, and rows and files agree", async (t) => {
  const on = await serve(t);
  const done = await Promise.all(Array.from({ length: 12 }, (_, i) => speak(on, `Speaker number ${i}.`)));
  const statuses = await Promise.all(done.flatMap(({ id }) => [on.del(`${path}${id}/`), on.del(`${path}${id}/`)]));
  assert.equal(statuses.filter(({ status }) => status === 204).length, 12);
  await checkRowsAndFiles(on);
  const mixed = Array.from({ length: 12 }, (_, i) => (i % 4 === 3 ? on.del(path) : speak(on, `Again ${i}.`)));
  await Promise.all(mixed);
  await checkRowsAndFiles(on);
});

test("settings say what is kept, from now on and of what is there", async (t) => {
  const on = await serve(t);
  const settings = (change) => on.patch("/api/settings/", change);
  const { history_enabled, history_retain_audio, history_max_entries, history_max_mb } = (await on.get("/api/settings/")).json;
  assert.deepEqual([history_enabled, history_retain_audio, history_max_entries, history_max_mb], [true, true, 1000, 2000]);
  for (let i = 0; i < 4; i++) await speak(on, `Number ${i}`);

  const changed = await settings({ history_max_entries: 2 });
  assert.equal(changed.json.history_max_entries, 2);
  assert.deepEqual(texts(await list(on)), ["Number 3", "Number 2"]);
  await checkRowsAndFiles(on);
  await speak(on, "Number 4");
  assert.deepEqual(texts(await list(on)), ["Number 4", "Number 3"]);

  await settings({ history_retain_audio: false });
  assert.equal(audioFiles(on).length, 2, "what is there stays");
  const { id } = await speak(on, "Without audio");
  const silent = await entry(on, id);
  assert.deepEqual([silent.has_audio, silent.output_path, silent.audio_url, silent.output_bytes, silent.format], [false, null, null, null, "mp3"]);
  assert.equal((await on.post(`${path}${id}/regenerate/`)).status, 200, "its parameters are there");

  await settings({ history_enabled: false });
  assert.equal((await speak(on, "Not at all")).id, undefined);
  assert.equal((await list(on)).total, 2);

  for (const [bad, field] of [[{ history_max_mb: -1 }, "history_max_mb"], [{ history_max_entries: 1.5 }, "history_max_entries"], [{ history_enabled: "yes" }, "history_enabled"], [{ history_enabled: null }, "history_enabled"]]) {
    const answer = await settings(bad);
    assert.equal(answer.status, 400, JSON.stringify(bad));
    assert.deepEqual(Object.keys(answer.json), [field]);
  }
});

test("the largest size takes the oldest audio", async (t) => {
  const on = await serve(t);
  const input = "A sentence that takes some room as bare samples, and that is all it is for. ".repeat(4);
  const entries = [];
  for (let i = 0; i < 3; i++) entries.push(await speak(on, `${i} ${input}`, { response_format: "wav" }));
  const megabytes = Math.ceil((2 * entries[2].bytes.length) / 2 ** 20);
  assert.ok(entries.reduce((sum, { bytes }) => sum + bytes.length, 0) > megabytes * 2 ** 20, "three are too many");
  await on.patch("/api/settings/", { history_max_mb: megabytes });
  assert.ok((await list(on)).bytes <= megabytes * 2 ** 20);
  assert.equal((await on.get(`${path}${entries[0].id}/`)).status, 404);
  assert.equal((await on.get(`${path}${entries[2].id}/`)).status, 200);
  await checkRowsAndFiles(on);
});

test("open-speech's variables and our flags configure it, and settings go before them", async (t) => {
  const env = { OS_HISTORY_ENABLED: "true", OS_HISTORY_MAX_ENTRIES: "7", OS_HISTORY_RETAIN_AUDIO: "false", OS_HISTORY_MAX_MB: "11" };
  const first = await serve(t, { env, args: ["--history-max-mb", "13"] });
  const of = async (on) => {
    const { history_enabled, history_retain_audio, history_max_entries, history_max_mb } = (await on.get("/api/settings/")).json;
    return [history_enabled, history_retain_audio, history_max_entries, history_max_mb];
  };
  assert.deepEqual(await of(first), [true, false, 7, 13]);
  await first.patch("/api/settings/", { history_retain_audio: true });
  await first.stop();
  const second = await serve(t, { data: first.data, args: ["--history-enabled", "no"] });
  assert.deepEqual(await of(second), [false, true, 1000, 2000]);
  assert.equal((await speak(second, "Not kept")).id, undefined);
});

// Speaks something long, and resolves to the request once its first audio is there.
function begin(on) {
  const body = JSON.stringify({ model: "tts-1", voice: "en-us", response_format: "wav", input: "This goes on for a good while. ".repeat(130) });
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: on.port, method: "POST", path: "/v1/audio/speech", headers: { "Content-Type": "application/json", "Content-Length": body.length } }, (answer) => {
      answer.on("error", () => {}); // it is cut
      answer.once("data", () => (answer.pause(), resolve({ request, answer })));
    });
    request.on("error", reject);
    request.end(body);
  });
}

test("a kill while speech is streamed leaves no trace of it", async (t) => {
  const data = folder(t);
  for (let round = 0; round < 3; round++) {
    const on = spawnServer(t, { data });
    await on.ready();
    const { id } = await speak(on, `Whole ${round}.`);
    const { request } = await begin(on);
    assert.equal(staged(on).length, 1);
    on.child.kill("SIGKILL");
    await on.ended;
    request.destroy();
    const next = await serve(t, { data });
    assert.equal((await entry(next, id)).full_text, `Whole ${round}.`);
    assert.equal((await list(next)).total, round + 1);
    await checkRowsAndFiles(next);
    await next.stop();
  }
});

test("speech whose listener leaves is not kept", async (t) => {
  const on = await serve(t, { env: { PARLANDO_LOG_LEVEL: "info" } });
  const { request } = await begin(on);
  assert.equal(staged(on).length, 1);
  const ended = on.logged(/POST \/v1\/audio\/speech/);
  request.destroy();
  await ended;
  assert.equal((await list(on)).total, 0);
  await checkRowsAndFiles(on);
});

test("a disk that takes no audio costs the audio only", async (t) => {
  const data = folder(t);
  writeFileSync(join(data, "assets"), "in the way");
  const on = await serve(t, { data });
  on.expect(/kept without its audio/);
  const { id, bytes } = await speak(on, "It is heard all the same.");
  assert.ok(bytes.length > 1000);
  assert.equal((await entry(on, id)).has_audio, false);
  assert.deepEqual(staged(on), []);
  assert.ok(existsSync(join(data, "assets")));
});

test("who watches the studio is told of the history and of profiles", async (t) => {
  const on = await serve(t);
  const events = await on.studio().open();
  const first = await events.until("a state");
  const { id } = await speak(on, "Told.");
  const second = await events.until("an entry", (state) => state.history_revision > first.history_revision);
  await on.del(`${path}${id}/`);
  await events.until("its end", (state) => state.history_revision > second.history_revision);
  await on.post("/api/profiles/", { name: "Told", voice: "v" });
  await events.until("a profile", (state) => state.profiles_revision > first.profiles_revision);
  events.close();
});
