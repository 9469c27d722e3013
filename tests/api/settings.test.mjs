import assert from "node:assert/strict";
import { after, test } from "node:test";
import { folder, serve } from "./server.mjs";

const data = folder({ after });
const server = await serve({ after }, { data });
const path = "/api/settings/";

test("settings begin with the defaults", async () => {
  const { status, json } = await server.get(path);
  assert.equal(status, 200);
  assert.equal(json.default_voice_id, "af_bella");
  assert.equal(json.tts_speed, 1);
});

test("PATCH changes what it names and nothing else", async () => {
  const steps = [{ tts_speed: 1.25 }, { default_voice_id: "bm_lewis" }, { default_voice_id: "af_bella(2)+af_sky(1)" }, { tts_speed: 0.5 }, { tts_speed: 2 }];
  let expected = (await server.get(path)).json;
  for (const change of steps) {
    const { status, json } = await server.patch(path, change);
    assert.equal(status, 200, JSON.stringify(change));
    const { updated_at, ...rest } = json;
    const { updated_at: before, ...known } = expected;
    assert.deepEqual(rest, { ...known, ...change });
    assert.ok(Date.parse(updated_at ?? before) >= Date.parse(before));
    expected = json;
  }
  assert.deepEqual((await server.get(path)).json, expected);
  assert.equal((await server.patch(path, {})).status, 200);
});

test("bad values are refused by field, and nothing is changed", async () => {
  const before = (await server.get(path)).json;
  const bad = [
    [{ tts_speed: 0.49 }, "tts_speed", /greater than or equal to 0\.5/],
    [{ tts_speed: 2.01 }, "tts_speed", /less than or equal to 2/],
    [{ tts_speed: "fast" }, "tts_speed", /valid number/],
    [{ tts_speed: null }, "tts_speed", /may not be null/],
    [{ default_voice_id: "" }, "default_voice_id", /may not be blank/],
    [{ default_voice_id: null }, "default_voice_id", /may not be null/],
    [{ default_voice_id: 5 }, "default_voice_id", /valid string/],
    [{ default_voice_id: "x".repeat(100_000) }, "default_voice_id", /no more than/],
    [{ engine: "festival" }, "engine", /"festival" is not a valid choice/],
    [{ tts_speed: 1.5, default_voice_id: "" }, "default_voice_id", /blank/],
  ];
  for (const [change, field, message] of bad) {
    const { status, json } = await server.patch(path, change);
    assert.equal(status, 400, JSON.stringify(change).slice(0, 80));
    assert.deepEqual(Object.keys(json), [field]);
    assert.match(json[field][0], message);
  }
  assert.deepEqual((await server.get(path)).json, before);
});

test("settings survive a restart", async (t) => {
  const first = await serve(t);
  await first.patch(path, { tts_speed: 1.75, default_voice_id: "am_adam" });
  await first.stop();
  const second = await serve(t, { data: first.data });
  const { json } = await second.get(path);
  assert.equal(json.tts_speed, 1.75);
  assert.equal(json.default_voice_id, "am_adam");
});
