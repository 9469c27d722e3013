// Profiles: made, changed, found again, and one of them the default.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { NOBODY } from "./fixtures.mjs";
import { serve } from "./server.mjs";

const server = await serve({ after });
const path = "/api/profiles/";

const make = async (name, more = {}) => {
  const answer = await server.post(path, { name, voice: "en-us", ...more });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const list = async () => (await server.get(path)).json;

test("a new profile has what was said, and the defaults", async () => {
  const profile = await make("Narrator");
  const { id, created_at, updated_at, ...rest } = profile;
  assert.deepEqual(rest, {
    name: "Narrator",
    backend: "auto",
    model: null,
    voice: "en-us",
    speed: 1,
    format: "mp3",
    blend: null,
    reference_audio_id: null,
    effects: [],
    is_default: false,
  });
  assert.equal(created_at, updated_at);
  assert.deepEqual((await server.get(`${path}${id}/`)).json, profile);
  assert.deepEqual((await server.get(`/api/profiles/${id.toUpperCase()}`)).json, profile);
  const whole = { name: "Whole", backend: "kokoro", model: "m", voice: "de", speed: 0.25, format: "pcm", blend: "a(2)+b(1)", reference_audio_id: null, effects: [] };
  const { id: _, is_default, created_at: c, updated_at: u, ...given } = await make("Whole", whole);
  assert.deepEqual(given, whole);
});

test("a body that is wrong is refused by field, and makes nothing", async () => {
  const before = await list();
  const bad = [
    [{}, "name", /required/],
    [{ name: "x" }, "voice", /required/],
    [{ name: "   ", voice: "v" }, "name", /blank/],
    [{ name: "x".repeat(101), voice: "v" }, "name", /no more than 100 characters/],
    [{ name: "x", voice: "a(2" }, "voice", /no voice's id/],
    [{ name: "x", voice: "v", blend: "a)" }, "blend", /no voice's id/],
    [{ name: "x", voice: "nosuchvoice", backend: "espeak" }, "voice", /no voice "nosuchvoice" in espeak/],
    [{ name: "x", voice: "kokoro:af_heart", backend: "espeak" }, "voice", /not one of the engine espeak/],
    [{ name: "x", voice: "de", backend: "espeak", blend: "zzz(1)+yyy" }, "blend", /no voice "zzz"/],
    [{ name: "x", voice: "de", backend: "espeak", blend: "de(1)+fr-fr" }, "blend", /cannot be blended/],
    [{ name: "x", voice: "v", backend: "festival" }, "backend", /"festival" is not a valid choice/],
    [{ name: "x", voice: "v", backend: null }, "backend", /may not be null/],
    [{ name: "x", voice: "v", format: "m4b" }, "format", /"m4b" is not a valid choice/],
    [{ name: "x", voice: "v", format: "ogg" }, "format", /"ogg" is not a valid choice/],
    [{ name: "x", voice: "v", format: "ulaw" }, "format", /"ulaw" is not a valid choice/],
    [{ name: "x", voice: "v", speed: 0.24 }, "speed", /greater than or equal to 0\.25/],
    [{ name: "x", voice: "v", speed: 4.1 }, "speed", /less than or equal to 4/],
    [{ name: "x", voice: "v", speed: "1" }, "speed", /valid number/],
    [{ name: "x", voice: "v", effects: [{ type: "reverb" }] }, "effects", /no effects yet/],
    [{ name: "x", voice: "v", effects: "none" }, "effects", /Expected a list/],
    [{ name: "x", voice: "v", reference_audio_id: "clip" }, "reference_audio_id", /leave this null/],
  ];
  for (const [body, field, message] of bad) {
    const { status, json } = await server.post(path, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(json[field]?.[0] ?? "", message, JSON.stringify(body));
  }
  assert.deepEqual(await list(), before);
});

test("a voice of an engine that is not installed is kept, since it may come", async () => {
  const voices = { voice: "nosuchvoice", blend: "zzz(1)+yyy" };
  const { id } = await make("Of tomorrow", { backend: "kokoro", ...voices });
  await make("Of anybody", voices);
  const path1 = `${path}${id}/`;
  const moved = await server.patch(path1, { backend: "espeak" });
  assert.equal(moved.status, 400, "espeak is here, and has neither");
  assert.match(moved.json.voice[0], /no voice "nosuchvoice" in espeak/);
  assert.match(moved.json.blend[0], /no voice "zzz"/);
  assert.equal((await server.patch(path1, { name: "Of the day after" })).status, 200, "what says nothing of voices is not asked for them");
  assert.equal((await server.patch(path1, { backend: "espeak", voice: "de", blend: null })).status, 200);
  assert.equal((await server.patch(path1, { voice: "nosuchvoice" })).status, 400);
  assert.equal((await server.get(path1)).json.voice, "de");
});

test("a name is taken once, whatever its case", async () => {
  const profile = await make("Äpfel und Straße");
  for (const name of ["Äpfel und Straße", "äPFEL UND STRASSE", "  äpfel und straße "]) {
    const { status, json } = await server.post(path, { name, voice: "v" });
    assert.equal(status, 409, name);
    assert.match(json.detail, /already/);
  }
  const other = await make("Other");
  assert.equal((await server.patch(`${path}${other.id}/`, { name: "ÄPFEL UND STRASSE" })).status, 409);
  // Its own name, in another case, is free to itself.
  const renamed = await server.patch(`${path}${profile.id}/`, { name: "äpfel und straße" });
  assert.equal(renamed.json.name, "äpfel und straße");
});

test("of many that ask for one name at once, one gets it", async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => server.post(path, { name: "Contested", voice: "v" })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(11).fill(409)]);
});

test("PATCH changes what it names, PUT all of it", async () => {
  const { id } = await make("Patched", { model: "m", blend: "a(1)+b(1)", speed: 2, format: "wav" });
  const patched = (await server.patch(`${path}${id}/`, { speed: 1.5, model: null })).json;
  assert.deepEqual([patched.speed, patched.model, patched.blend, patched.format], [1.5, null, "a(1)+b(1)", "wav"]);
  assert.deepEqual((await server.patch(`${path}${id}/`, {})).json.speed, 1.5);
  const put = (await server.request("PUT", `${path}${id}/`, { json: { name: "Put", voice: "de" } })).json;
  assert.deepEqual([put.name, put.voice, put.speed, put.blend, put.format, put.backend], ["Put", "de", 1, null, "mp3", "auto"]);
  assert.equal((await server.request("PUT", `${path}${id}/`, { json: { name: "Put" } })).status, 400);
  assert.ok(put.updated_at >= put.created_at);
});

test("one at most is the default, and deleting it leaves none", async () => {
  const [a, b] = [await make("A default"), await make("Another default")];
  assert.equal((await list()).default_profile_id, null);
  assert.deepEqual((await server.post(`${path}${a.id}/default/`)).json, { status: "ok", default_profile_id: a.id });
  assert.equal((await server.post(`${path}${b.id}/default/`)).status, 200);
  let { items, default_profile_id } = await list();
  assert.equal(default_profile_id, b.id);
  assert.deepEqual(items.filter(({ is_default }) => is_default).map(({ id }) => id), [b.id]);
  assert.equal((await server.post(`${path}${NOBODY}/default/`)).status, 404);
  assert.equal((await list()).default_profile_id, b.id, "a failure takes nothing away");

  assert.equal((await server.del(`${path}${a.id}/default/`)).status, 204);
  assert.equal((await list()).default_profile_id, b.id, "another was meant");
  assert.equal((await server.del(`${path}${b.id}/default/`)).status, 204);
  assert.equal((await list()).default_profile_id, null);

  await server.post(`${path}${b.id}/default/`);
  assert.equal((await server.del(`${path}${b.id}/`)).status, 204);
  assert.equal((await list()).default_profile_id, null);
  assert.equal((await server.get(`${path}${b.id}/`)).status, 404);
});

test("what is not there is not found", async () => {
  for (const id of [NOBODY, "nobody"]) {
    assert.equal((await server.get(`${path}${id}/`)).status, 404);
    assert.equal((await server.del(`${path}${id}/`)).status, 404);
    assert.equal((await server.patch(`${path}${id}/`, { speed: 1 })).status, 404);
    assert.equal((await server.del(`${path}${id}/default/`)).status, 404);
  }
});

test("profiles are listed by name, and survive a restart", async (t) => {
  const first = await serve(t);
  for (const name of ["zebra", "Émile", "apple", "Banana"]) await first.post(path, { name, voice: "v" });
  const before = (await first.get(path)).json;
  assert.deepEqual(before.items.slice(0, 3).map(({ name }) => name), ["apple", "Banana", "zebra"]);
  await first.stop();
  const second = await serve(t, { data: first.data });
  assert.deepEqual((await second.get(path)).json, before);
});
