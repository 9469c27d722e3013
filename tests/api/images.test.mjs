import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readFileSync } from "node:fs";
import { NOBODY, gif, jpeg, png, webp } from "./fixtures.mjs";
import { filesBelow, serve } from "./server.mjs";

const server = await serve({ after });
const project = await server.story(["One.", "Two."]);
const [{ id }, { id: other }] = project.segments;
const upload = (bytes, { filename = "picture", type = "application/octet-stream", name = "image", segment = id } = {}) =>
  server.upload(`/api/segments/${segment}/upload-image/`, [{ name, filename, type, bytes }]);
const images = () => filesBelow(server.media("projects", project.id, "images"));

const kinds = [
  ["PNG", png, "png", "image/png"],
  ["JPEG", jpeg, "jpg", "image/jpeg"],
  ["WebP", webp, "webp", "image/webp"],
];

for (const [kind, bytes, extension, type] of kinds)
  test(`a ${kind} is known by its content, kept and served`, async () => {
    const { status, json } = await upload(bytes, { filename: "lies.txt", type: "text/plain" });
    assert.equal(status, 200);
    assert.match(json.image_file, new RegExp(`^/media/projects/${project.id}/images/${id}.*\\.${extension}`));
    assert.deepEqual(await server.segment(id), json);
    const served = await server.get(json.image_file);
    assert.equal(served.status, 200);
    assert.equal(served.headers["content-type"], type);
    assert.equal(served.headers["x-content-type-options"], "nosniff");
    assert.ok(served.body.equals(bytes));
    assert.equal(images().length, 1, "the picture before it is gone");
  });

test("a new picture has a new address, or one that says that it changed", async () => {
  const before = await server.segment(id);
  const tag = (await server.head(before.image_file)).headers.etag;
  const after = (await upload(png)).json;
  if (after.image_file === before.image_file) assert.notEqual((await server.head(after.image_file)).headers.etag, tag);
  assert.equal(images().length, 1);
});

test("what is no picture is refused whatever it calls itself", async () => {
  const before = await server.segment(id);
  const bad = [
    ["a GIF", gif],
    ["text", "hello"],
    ["nothing", ""],
    ["HTML", "<html><script>alert(1)</script>"],
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["a PNG cut in its header", png.subarray(0, 20)],
    ["a JPEG cut in its header", jpeg.subarray(0, 6)],
    ["a WebP cut in its header", webp.subarray(0, 16)],
    ["a RIFF that is a WAV", Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1")],
    ["a PNG of no width", Buffer.concat([png.subarray(0, 16), Buffer.alloc(8), png.subarray(24)])],
  ];
  for (const [what, bytes] of bad) {
    const { status, json } = await upload(bytes, { filename: "a.png", type: "image/png" });
    assert.equal(status, 400, what);
    assert.ok(Array.isArray(json.image) || json.detail || json.error, what);
  }
  assert.deepEqual(await server.segment(id), before);
  assert.ok((await server.get(before.image_file)).body.equals(png));
});

test("a picture that is too large is refused", async () => {
  const large = Buffer.concat([png, Buffer.alloc(21 << 20)]);
  const answer = await upload(large);
  assert.ok([400, 413].includes(answer.status), answer.text);
  assert.match(answer.text, /large|MB|bytes/i);
  const wide = Buffer.from(png);
  wide.writeUInt32BE(20_000, 16);
  assert.equal((await upload(wide)).status, 400);
});

test("a form without the picture is refused by field", async () => {
  for (const parts of [[], [{ name: "note", value: "x" }]]) {
    const { status, json } = await server.upload(`/api/segments/${id}/upload-image/`, parts);
    assert.equal(status, 400);
    assert.ok(json.image || json.detail);
  }
  const json = await server.post(`/api/segments/${id}/upload-image/`, { image: "x" });
  assert.ok([400, 415].includes(json.status));
});

test("the bytes alone are taken as well", async () => {
  const answer = await server.request("POST", `/api/segments/${other}/upload-image/`, {
    body: jpeg,
    headers: { "Content-Type": "image/jpeg" },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.json.image_file, /\.jpg/);
});

test("removing a picture removes its file; a second time changes nothing", async () => {
  const { json: before } = await upload(png);
  const { status, json } = await server.del(`/api/segments/${id}/remove-image/`);
  assert.equal(status, 200);
  assert.equal(json.image_file, null);
  assert.equal((await server.get(before.image_file)).status, 404);
  assert.deepEqual(images().filter((name) => name.startsWith(id)), []);
  const again = await server.del(`/api/segments/${id}/remove-image/`);
  assert.ok([200, 404].includes(again.status));
});

test("a locked segment keeps its picture", async () => {
  const { json: before } = await upload(png);
  await server.patch(`/api/segments/${id}/`, { is_locked: true });
  assert.equal((await upload(jpeg)).status, 409);
  assert.equal((await server.del(`/api/segments/${id}/remove-image/`)).status, 409);
  assert.equal((await server.segment(id)).image_file, before.image_file);
  await server.patch(`/api/segments/${id}/`, { is_locked: false });
});

test("a picture for no segment is refused and leaves nothing behind", async () => {
  assert.equal((await upload(png, { segment: NOBODY })).status, 404);
  assert.deepEqual(filesBelow(server.media("staged")), []);
});

test("deleting the segment deletes the picture", async () => {
  const { json } = await upload(png, { segment: other });
  assert.ok(readFileSync(server.path(json.image_file.split("?")[0])).equals(png));
  await server.del(`/api/segments/${other}/`);
  assert.equal((await server.get(json.image_file)).status, 404);
  assert.deepEqual(images().filter((name) => name.startsWith(other)), []);
});
