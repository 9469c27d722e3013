// The models of a machine: pulled from a server on this one, loaded, checked and removed. The catalogue
// is one of the test's own.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { program } from "../cli/program.mjs";
import { atEnd, filesBelow, folder, serve, within } from "./server.mjs";

const SIZE = 300_000;
const content = Buffer.alloc(SIZE, "Parlando ");
const sha256 = createHash("sha256").update(content).digest("hex");

// Models made when the C tests were built; ONNX Runtime where the program finds it.
const fixtures = join(dirname(program), "tests", "fixtures", "models");
const needsFixtures = { skip: existsSync(fixtures) ? false : "no fixtures beside the program" };
const runtime = process.env.PARLANDO_ORT ? { PARLANDO_ORT: process.env.PARLANDO_ORT } : {};

// Sends the content; for "/slow" the first half only, until release() is called.
async function fileServer(t) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const requests = [];
  const server = http.createServer(async ({ url, headers: { range } }, answer) => {
    requests.push(`${url}${range ? ` ${range}` : ""}`);
    if (url === "/missing") return answer.writeHead(404).end();
    const start = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    const headers = { "Content-Length": SIZE - start };
    if (start > 0) headers["Content-Range"] = `bytes ${start}-${SIZE - 1}/${SIZE}`;
    answer.writeHead(start > 0 ? 206 : 200, headers);
    if (url === "/slow" && start === 0) {
      answer.write(content.subarray(0, SIZE / 2));
      await released;
      return answer.end(content.subarray(SIZE / 2));
    }
    answer.end(content.subarray(start));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => new Promise((resolve) => (release(), server.close(resolve), server.closeAllConnections())));
  return { origin: `http://127.0.0.1:${server.address().port}`, requests, release };
}

const entry = (id, engine, files, more = {}) => ({
  id, engine, name: `The ${id}`, licence: "MIT", languages: "en-us, de", files, ...more,
});

// A server with a catalogue of its own; what it pulls comes from `web`.
async function shop(t, options = {}) {
  const web = await fileServer(t);
  const file = (path, url) => ({ path, size: SIZE, sha256, sources: [{ https: web.origin + url }] });
  const local = (path) => ({ path, size: null, sha256: null, sources: [{ https: `${web.origin}/missing` }] });
  const models = [
    entry("alpha", "piper", [file("alpha/model.bin", "/alpha")], { default: true, needs: ["letters"] }),
    entry("letters", "piper", [file("letters/letters.bin", "/letters")]),
    entry("slow", "piper", [file("slow/model.bin", "/slow")]),
    entry("gone", "piper", [file("gone/model.bin", "/missing")]),
    entry("kit", "kitten", ["model.onnx", "voices.npz"].map((name) => local(`kit/${name}`))),
  ];
  const home = folder(t);
  const catalogue = join(home, "catalogue.json");
  const dir = join(home, "models");
  mkdirSync(dir);
  writeFileSync(catalogue, JSON.stringify({ packages: {}, models }));
  const env = { ...runtime, PARLANDO_CATALOGUE: catalogue, PARLANDO_MODELS: dir };
  return { web, dir, server: await serve(t, { ...options, env: { ...env, ...options.env } }) };
}

const model = async (server, id) => (await server.get(`/api/models/${encodeURIComponent(id)}/`)).json;

// The pull's state as the event stream tells it, once `holds` is true of it.
async function pulled(server, id, holds) {
  const stream = await server.studio().open();
  try {
    const state = await stream.until(`the pull of ${id}`, ({ pulls }) => pulls.some((p) => p.model === id && holds(p)));
    return { state, pull: state.pulls.find((p) => p.model === id) };
  } finally {
    stream.close();
  }
}

test("the list tells of the catalogue, the folder and eSpeak", async (t) => {
  const { server, dir } = await shop(t);
  const { status, json } = await server.get("/api/models/");
  assert.equal(status, 200);
  assert.deepEqual(json.items.map(({ id }) => id), ["alpha", "letters", "slow", "gone", "kit", "espeak"]);
  assert.equal(json.total, 6);
  assert.equal(json.models_folder, dir);
  assert.equal(json.bytes_installed, 0);
  assert.ok(json.bytes_free > 0);
  const alpha = json.items[0];
  assert.equal(alpha.state, "absent");
  assert.equal(alpha.kind, "voices", "it has no .onnx");
  assert.deepEqual(alpha.languages, ["en-us", "de"]);
  assert.deepEqual([alpha.needs, alpha.needed_by, alpha.removes, alpha.pull, alpha.inputs], [["letters"], [], [], null, null]);
  const espeak = json.items.at(-1);
  assert.deepEqual([espeak.state, espeak.is_loaded, espeak.is_ours, espeak.size], ["installed", true, false, 0]);
  assert.ok(espeak.languages.includes("de"));
});

test("an unknown model is a 404 that says what is near, whatever is done with it", async (t) => {
  const { server } = await shop(t);
  for (const [method, path] of [
    ["GET", ""], ["DELETE", ""], ["POST", "pull/"], ["DELETE", "pull/"], ["POST", "load/"], ["POST", "unload/"], ["POST", "verify/"],
  ]) {
    const answer = await server.request(method, `/api/models/alphas/${path}`);
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.match(answer.json.detail, /alphas.*alpha\?/);
  }
});

test("a pull is told from beginning to end, and then the model is there", async (t) => {
  const { server, web, dir } = await shop(t);
  const stream = await server.studio().open();
  const { models_revision } = await stream.until("a first state");
  stream.close();
  const answer = await server.post("/api/models/alpha/pull/");
  assert.equal(answer.status, 202);
  assert.equal(answer.json.model, "alpha");
  const { state, pull } = await pulled(server, "alpha", (p) => p.state === "done");
  assert.deepEqual([pull.bytes_done, pull.bytes_total, pull.error], [2 * SIZE, 2 * SIZE, null]);
  assert.ok(state.models_revision > models_revision);
  assert.deepEqual(web.requests, ["/letters", "/alpha"]);
  assert.deepEqual(filesBelow(dir).filter((name) => !name.startsWith(".")), ["alpha/model.bin", "letters/letters.bin"]);
  const alpha = await model(server, "alpha");
  assert.deepEqual([alpha.state, alpha.bytes_on_disk, alpha.pull.state], ["installed", SIZE, "done"]);
  assert.ok(Math.abs(Date.parse(alpha.installed_at) - Date.now()) < 60_000);
  const list = (await server.get("/api/models/")).json;
  assert.equal(list.bytes_installed, 2 * SIZE);
  assert.deepEqual(alpha.removes, ["letters"]);
  const letters = await model(server, "letters");
  assert.deepEqual([letters.needed_by, letters.removes], [["alpha"], []]);
});

test("pulls wait for each other; the same one is not begun twice", async (t) => {
  const { server, web } = await shop(t);
  await server.post("/api/models/slow/pull/");
  await pulled(server, "slow", (p) => p.bytes_done > 0);
  assert.equal((await server.post("/api/models/alpha/pull/")).json.state, "waiting");
  assert.equal((await server.post("/api/models/slow/pull/")).json.state, "downloading");
  web.release();
  await pulled(server, "alpha", (p) => p.state === "done");
  assert.equal((await model(server, "slow")).state, "installed");
  assert.deepEqual(web.requests, ["/slow", "/letters", "/alpha"]);
});

test("a cancelled pull goes on where it was", async (t) => {
  const { server, web } = await shop(t);
  await server.post("/api/models/slow/pull/");
  await pulled(server, "slow", (p) => p.bytes_done === SIZE / 2);
  assert.equal((await server.del("/api/models/slow/pull/")).status, 204);
  await pulled(server, "slow", (p) => p.state === "cancelled");
  const slow = await model(server, "slow");
  assert.deepEqual([slow.state, slow.bytes_on_disk], ["partial", SIZE / 2]);
  assert.equal((await server.del("/api/models/slow/pull/")).status, 404);
  await server.post("/api/models/slow/pull/");
  await pulled(server, "slow", (p) => p.state === "done");
  assert.deepEqual(web.requests, ["/slow", `/slow bytes=${SIZE / 2}-`]);
});

test("a pull that fails says why", async (t) => {
  const { server } = await shop(t);
  server.expect(/gone was not pulled/);
  await server.post("/api/models/gone/pull/");
  const { pull } = await pulled(server, "gone", (p) => p.state === "failed");
  assert.match(pull.error, /gone\/model\.bin.*404/);
  assert.equal((await model(server, "gone")).state, "absent");
});

test("SIGTERM ends a pull, and the next server goes on with it", async (t) => {
  const data = folder(t);
  const { server, web, dir } = await shop(t, { data });
  await server.post("/api/models/slow/pull/");
  await pulled(server, "slow", (p) => p.bytes_done === SIZE / 2);
  const { code } = await within(10_000, "the end", server.stop());
  assert.equal(code, 0);
  assert.equal(statSync(join(dir, "slow", "model.bin.part")).size, SIZE / 2);
  const env = { PARLANDO_CATALOGUE: join(dir, "..", "catalogue.json"), PARLANDO_MODELS: dir };
  const next = await serve(t, { data, env });
  await next.post("/api/models/slow/pull/");
  await pulled(next, "slow", (p) => p.state === "done");
  assert.deepEqual(web.requests, ["/slow", `/slow bytes=${SIZE / 2}-`]);
});

test("what is not of the catalogue is not pulled, checked or removed", async (t) => {
  const { server } = await shop(t);
  for (const [method, path] of [["DELETE", ""], ["POST", "pull/"], ["POST", "verify/"], ["POST", "unload/"]]) {
    const answer = await server.request(method, `/api/models/espeak/${path}`);
    assert.equal(answer.status, 409, `${method} ${path}`);
    assert.match(answer.json.detail, /eSpeak NG/);
  }
  assert.equal((await server.post("/api/models/espeak/load/")).status, 200);
});

test("files are compared with their checksums", async (t) => {
  const { server, dir } = await shop(t);
  await server.post("/api/models/alpha/pull/");
  await pulled(server, "alpha", (p) => p.state === "done");
  assert.deepEqual((await server.post("/api/models/alpha/verify/")).json, { id: "alpha", is_whole: true, problems: [] });
  writeFileSync(join(dir, "alpha", "model.bin"), Buffer.alloc(SIZE));
  const { status, json } = await server.post("/api/models/alpha/verify/");
  assert.equal(status, 200);
  assert.equal(json.is_whole, false);
  assert.match(json.problems[0], /alpha\/model\.bin/);
});

test("removing refuses what another needs, and takes along what nobody needs any more", async (t) => {
  const { server, dir } = await shop(t);
  assert.equal((await server.del("/api/models/alpha/")).status, 409, "it is not there");
  await server.post("/api/models/alpha/pull/");
  await pulled(server, "alpha", (p) => p.state === "done");
  const refused = await server.del("/api/models/letters/");
  assert.equal(refused.status, 409);
  assert.match(refused.json.detail, /needed by alpha/);
  assert.equal((await server.del("/api/models/alpha/")).status, 204);
  assert.deepEqual(filesBelow(dir).filter((name) => !name.startsWith(".")), []);
  assert.equal((await model(server, "alpha")).state, "absent");
  assert.equal((await server.get("/api/models/")).json.bytes_installed, 0);
});

test("what is being pulled is not removed", async (t) => {
  const { server } = await shop(t);
  await server.post("/api/models/slow/pull/");
  await pulled(server, "slow", (p) => p.bytes_done > 0);
  const { status, json } = await server.del("/api/models/slow/");
  assert.equal(status, 409);
  assert.match(json.detail, /being pulled/);
});

test("a model is loaded ahead of time and taken out of memory again", needsFixtures, async (t) => {
  const { server, dir } = await shop(t);
  cpSync(join(fixtures, "kitten"), join(dir, "kit"), { recursive: true });
  const there = await model(server, "kit");
  assert.deepEqual([there.state, there.is_loaded, there.kind], ["installed", false, "speech"]);
  assert.deepEqual(there.inputs[0], { name: "input_ids", type: "int64", shape: [1, -1], file: "kit/model.onnx" });
  assert.ok(there.outputs.length > 0);
  const loaded = await server.post("/api/models/kit/load/");
  if (loaded.status === 503) return t.skip(loaded.json.detail); // no ONNX Runtime
  assert.deepEqual([loaded.status, loaded.json.is_loaded], [200, true]);
  assert.deepEqual((await server.get("/api/ps")).json.models.map(({ id }) => id), ["kit", "espeak"]);
  assert.equal((await server.post("/api/models/kit/unload/")).json.is_loaded, false);
  await server.post("/api/models/kit/load/");
  assert.equal((await server.del("/api/models/kit/")).status, 204, "nobody speaks with it");
  assert.equal((await model(server, "kit")).state, "absent");
  assert.equal((await server.get("/api/voices/?engine=auto")).json.engine, "espeak");
});

test("what is not installed is not loaded", async (t) => {
  const { server } = await shop(t);
  const { status, json } = await server.post("/api/models/kit/load/");
  assert.equal(status, 503);
  assert.match(json.detail, /kit is not installed/);
  assert.equal((await server.post("/api/models/letters/load/")).status, 409);
});

test("a file of one's own is a model by its path", needsFixtures, async (t) => {
  const { server, dir } = await shop(t);
  cpSync(join(fixtures, "kokoro-v0.19"), join(dir, "my own"), { recursive: true });
  const id = "my own/kokoro-v0_19.onnx";
  const { json } = await server.get("/api/models/");
  const mine = json.items.find((one) => one.id === id);
  assert.deepEqual([mine.engine, mine.state, mine.is_ours], ["kokoro", "installed", false]);
  assert.equal((await model(server, id)).inputs[0].file, id);
  assert.equal((await server.del(`/api/models/${encodeURIComponent(id)}/`)).status, 409);
});

test("open-speech's way of pulling works", async (t) => {
  const { server } = await shop(t);
  const { status, json } = await server.post("/api/pull", { model: "letters" });
  assert.deepEqual([status, json.model], [202, "letters"]);
  await pulled(server, "letters", (p) => p.state === "done");
  assert.deepEqual((await server.post("/api/pull", {})).json, { model: ["This field is required."] });
});
