import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readFileSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { NOBODY } from "./fixtures.mjs";
import { serve } from "./server.mjs";

const server = await serve({ after });
const at = (id, query = "") => `/api/segments/${id}/peaks/${query}`;

async function spoken(...texts) {
  const project = await server.story(texts);
  await server.narrate(project.id);
  return server.project(project.id);
}

// The samples of a recording as the program writes them: 16 bits, one channel, 44 bytes in front.
const samplesOf = ({ body }) =>
  Array.from({ length: (body.length - 44) / 2 }, (_, i) => Math.abs(body.readInt16LE(44 + 2 * i)) / 32768);

test("the peaks are the greatest magnitudes of equal parts", async () => {
  const { segments } = await spoken("It was a bright cold day in April.");
  const [segment] = segments;
  const samples = samplesOf(await server.get(segment.audio_file));
  for (const count of [1, 7, 400, 4000]) {
    const { status, json } = await server.get(at(segment.id, `?count=${count}`));
    assert.equal(status, 200);
    assert.equal(json.segment_id, segment.id);
    assert.ok(Math.abs(json.duration - segment.audio_duration) < 0.001);
    const expected = Array.from({ length: count }, (_, part) => {
      const first = Math.floor((part * samples.length) / count);
      const end = Math.floor(((part + 1) * samples.length) / count);
      return samples.slice(first, end).reduce((a, b) => Math.max(a, b), 0);
    });
    assert.equal(json.peaks.length, count);
    for (const [i, peak] of json.peaks.entries()) {
      assert.ok(Math.abs(peak - expected[i]) <= 0.0005 + 1e-9, `part ${i} of ${count}: ${peak} for ${expected[i]}`);
      assert.equal(peak, Math.round(peak * 1000) / 1000);
    }
    assert.ok(Math.max(...json.peaks) > 0.85, "a recording is normalised to -1 dBFS");
  }
  assert.equal((await server.get(at(segment.id))).json.peaks.length, 400);
});

test("the tag is that of the recording and the count", async () => {
  const { id, segments } = await spoken("One, two, three.");
  const [segment] = segments;
  const first = await server.get(at(segment.id));
  assert.match(first.headers.etag, /^"[^"]+"$/);
  assert.equal(first.headers["cache-control"], "private, no-cache");
  const known = { headers: { "If-None-Match": `"x", ${first.headers.etag}` } };
  const again = await server.get(at(segment.id, "?count=400"), known);
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  assert.equal(again.headers.etag, first.headers.etag);
  const finer = await server.get(at(segment.id, "?count=401"), known);
  assert.equal(finer.status, 200);
  assert.notEqual(finer.headers.etag, first.headers.etag);

  await server.narrate(id, { force_regenerate: true });
  const regenerated = await server.get(at(segment.id), known);
  assert.equal(regenerated.status, 200);
  assert.notEqual(regenerated.headers.etag, first.headers.etag);
});

test("a locked segment shows its peaks, one without audio or a deleted one has none", async () => {
  const { segments } = await spoken("Locked.", "Deleted.", "Lost.");
  await server.patch(`/api/segments/${segments[0].id}/`, { is_locked: true });
  assert.equal((await server.get(at(segments[0].id))).status, 200);

  await server.del(`/api/segments/${segments[1].id}/`);
  unlinkSync(server.path(segments[2].audio_file));
  const silent = await server.story(["Not spoken."]);
  for (const id of [segments[1].id, segments[2].id, silent.segments[0].id, NOBODY, "x"]) {
    const answer = await server.get(at(id));
    assert.equal(answer.status, 404, id);
    assert.deepEqual(answer.json, { detail: "Not found." });
  }
});

test("a count that is none of 1 to 4000 is refused", async () => {
  const { segments } = await spoken("Count.");
  for (const count of ["0", "-1", "4001", "4.5", "many", "", "99999999999999999999"]) {
    const { status, json } = await server.get(at(segments[0].id, `?count=${count}`));
    assert.equal(status, 400, count);
    assert.match(json.count[0], /from 1 to 4000/);
  }
});

test("a recording that somebody has replaced by one of another kind is told of", async () => {
  const { segments } = await spoken("Eight bits.");
  const path = server.path(segments[0].audio_file);
  const bytes = readFileSync(path);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  writeFileSync(path, bytes);
  server.expect(/peaks\/ failed: .* holds 8-bit samples/);
  const { status, json } = await server.get(at(segments[0].id));
  assert.equal(status, 500);
  assert.match(json.detail, /holds 8-bit samples/);
});

test("a recording that was cut off is told of", async () => {
  const { segments } = await spoken("Cut off.");
  truncateSync(server.path(segments[0].audio_file), 1000);
  server.expect(/peaks\/ failed: .* is cut off/);
  const { status, json } = await server.get(at(segments[0].id));
  assert.equal(status, 500);
  assert.match(json.detail, /is cut off/);
});
