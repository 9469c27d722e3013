// What an operator sees: health, metrics, the API's description, the log, starting and stopping.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { run } from "../cli/program.mjs";
import { NOBODY } from "./fixtures.mjs";
import { filesBelow, folder, serve, within } from "./server.mjs";

const server = await serve({ after }, { args: ["--log-level", "info"] });
const long = (n, sentences = 4000) =>
  Array.from({ length: n }, (_, i) => `Segment ${i + 1}. ` + "The quick brown fox jumps over the lazy dog. ".repeat(sentences));

// --- health ---

test("/healthz and /readyz", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const { status, json, headers } = await server.get(path);
    assert.equal(status, 200);
    assert.equal(typeof json, "object");
    assert.match(headers["cache-control"] ?? "no-store", /no-store|no-cache/);
  }
});

// --- metrics ---

// Prometheus' text format: {name{labels}: value}; fails on a line it does not allow.
function samples(text) {
  const typed = new Map();
  const values = new Map();
  assert.ok(text.endsWith("\n"));
  for (const line of text.split("\n").slice(0, -1)) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) {
      assert.ok(!typed.has(type[1]), `${type[1]} has one type line`);
      typed.set(type[1], type[2]);
    } else if (!/^# HELP [a-zA-Z_:][\w:]* \S/.test(line)) {
      const sample = /^([a-zA-Z_:][\w:]*)(\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)+\})? (-?[\d.]+(e[+-]?\d+)?|[+-]Inf|NaN)$/i.exec(line);
      assert.ok(sample, `not a sample: ${line}`);
      const family = sample[1].replace(/_(bucket|sum|count)$/, "");
      assert.ok(typed.has(sample[1]) || typed.has(family), `${sample[1]} has a type`);
      assert.ok(!values.has(sample[1] + (sample[2] ?? "")), `once: ${line}`);
      values.set(sample[1] + (sample[2] ?? ""), Number(sample[5].replace("+Inf", "Infinity")));
    }
  }
  return { typed, values };
}

const total = (metrics, name) => [...metrics.values].filter(([key]) => key.startsWith(name)).reduce((sum, [, value]) => sum + value, 0);

test("/metrics is Prometheus' format, and counts what is asked", async () => {
  const before = await server.get("/metrics");
  assert.equal(before.status, 200);
  assert.match(before.headers["content-type"], /^text\/plain(; version=0\.0\.4)?/);
  const first = samples(before.text);
  for (let i = 0; i < 10; i++) await server.get(`/api/projects/?search=${i}`);
  await server.get("/api/nothing");
  const project = await server.story(["One.", "Two."]);
  await server.narrate(project.id);
  const second = samples((await server.get("/metrics")).text);

  const counters = [...second.typed].filter(([, type]) => type === "counter").map(([name]) => name);
  const requests = counters.find((name) => /requests/.test(name));
  assert.ok(requests, `${counters}`);
  assert.ok(total(second, requests) - total(first, requests) >= 13);
  const units = counters.find((name) => /units|segments/.test(name));
  assert.ok(units, `${counters}`);
  assert.ok(total(second, units) - total(first, units) >= 2);
  for (const name of counters) assert.ok(total(second, name) >= total(first, name), `${name} only grows`);
  assert.ok(second.values.size < 2000, "no label takes values from the address");
});

test("asking for a thousand addresses that are not there makes no thousand metrics", async () => {
  const before = samples((await server.get("/metrics")).text).values.size;
  for (let i = 0; i < 300; i++) await server.get(`/api/projects/${i}-${NOBODY}/`);
  assert.ok(samples((await server.get("/metrics")).text).values.size - before < 20);
});

// --- the description ---

const specified = {
  "/api/projects/": ["get", "post"],
  "/api/projects/{id}/": ["get", "patch", "delete"],
  "/api/projects/import/": ["post"],
  "/api/projects/{id}/generate-all-audio/": ["post"],
  "/api/segments/": ["get"],
  "/api/segments/{id}/": ["get", "patch", "delete"],
  "/api/segments/{id}/upload-image/": ["post"],
  "/api/segments/{id}/remove-image/": ["delete"],
  "/api/segments/reorder/": ["post"],
  "/api/segments/{id}/generate-audio/": ["post"],
  "/api/tasks/{task_id}/status/": ["get"],
  "/api/tasks/{task_id}/cancel/": ["post"],
  "/api/tasks/{task_id}/events": ["get"],
  "/api/settings/": ["get", "patch"],
  "/healthz": ["get"],
  "/readyz": ["get"],
  "/metrics": ["get"],
  "/openapi.json": ["get"],
};
const documented = {
  "get /api/projects/": [200],
  "post /api/projects/": [201, 400],
  "get /api/projects/{}/": [200, 404],
  "patch /api/projects/{}/": [200, 400, 404],
  "delete /api/projects/{}/": [204, 404],
  "post /api/projects/import/": [201, 400],
  "post /api/projects/{}/generate-all-audio/": [202, 200, 404, 503],
  "get /api/segments/{}/": [200, 404],
  "patch /api/segments/{}/": [200, 400, 404, 409],
  "delete /api/segments/{}/": [204, 404],
  "post /api/segments/{}/upload-image/": [200, 400, 404],
  "delete /api/segments/{}/remove-image/": [200, 404],
  "post /api/segments/reorder/": [200, 400],
  "post /api/segments/{}/generate-audio/": [202, 400, 404, 409, 503],
  "get /api/tasks/{}/status/": [200, 404],
  "post /api/tasks/{}/cancel/": [200, 404],
  "get /api/tasks/{}/events": [200, 404],
  "get /api/settings/": [200],
  "patch /api/settings/": [200, 400],
};

test("/openapi.json is OpenAPI 3.1 and has every route of the specification with its statuses", async () => {
  const { status, json: doc, headers } = await server.get("/openapi.json");
  assert.equal(status, 200);
  assert.match(headers["content-type"], /^application\/json/);
  assert.match(doc.openapi, /^3\.1\.\d+$/);
  assert.ok(doc.info.title && doc.info.version);

  const key = (path) => path.replace(/\/?$/, "/").replace(/\{[^}]*\}/g, "{}");
  const paths = new Map(Object.entries(doc.paths).map(([path, item]) => [key(path), item]));
  for (const [path, methods] of Object.entries(specified))
    for (const method of methods) assert.ok(paths.get(key(path))?.[method], `${method} ${path}`);
  for (const [operation, statuses] of Object.entries(documented)) {
    const [method, path] = operation.split(" ");
    const { responses } = paths.get(key(path))[method];
    for (const code of statuses) assert.ok(responses[code], `${operation} says ${code}`);
  }
});

test("/openapi.json hangs together: names, parameters, references", async () => {
  const doc = (await server.get("/openapi.json")).json;
  const names = new Set();
  for (const [path, item] of Object.entries(doc.paths)) {
    assert.match(path, /^\//);
    for (const [method, operation] of Object.entries(item)) {
      if (method === "parameters") continue;
      const at = `${method} ${path}`;
      assert.ok(operation.operationId && !names.has(operation.operationId), `${at}: a name of its own`);
      names.add(operation.operationId);
      assert.ok(operation.summary || operation.description, `${at}: says what it does`);
      assert.ok(Object.keys(operation.responses).length > 0, at);
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      const wanted = [...path.matchAll(/\{([^}.]*)(\.\.\.)?\}/g)].map(([, name]) => name);
      assert.deepEqual(parameters.filter((p) => p.in === "path").map((p) => p.name).sort(), wanted.sort(), at);
      for (const p of parameters) assert.ok(p.schema && (p.in !== "path" || p.required === true), `${at} ${p.name}`);
      for (const code of Object.keys(operation.responses)) assert.match(code, /^(\d\d\d|[1-5]XX|default)$/, at);
    }
  }
  const references = JSON.stringify(doc).match(/"\$ref":"([^"]+)"/g) ?? [];
  for (const reference of new Set(references)) {
    const place = JSON.parse(`{${reference}}`).$ref;
    const found = place.replace(/^#\//, "").split("/").reduce((at, name) => at?.[name], doc);
    assert.ok(found, `${place} is there`);
  }
});

// --- the log ---

test("log lines have time, level, module and a request or task id", async () => {
  const { headers } = await server.get("/api/projects/", { headers: { "X-Request-Id": "seen-in-the-log" } });
  assert.equal(headers["x-request-id"], "seen-in-the-log");
  const project = await server.story(["One."]);
  const { task_id } = await server.narrate(project.id);
  await server.get("/api/projects/");
  const lines = server.stderr.split("\n").filter(Boolean);
  for (const line of lines) assert.match(line, /^\[[^\]]+\] \[(INFO|WARNING|ERROR|DEBUG)\] \[[^\]]+\] \S/);
  assert.ok(lines.some((line) => line.includes("seen-in-the-log") && /GET \/api\/projects\/?.*200/.test(line)), "a request is logged with its id");
  assert.ok(lines.some((line) => line.includes(task_id)), "a task is logged with its id");
  assert.ok(!lines.some((line) => line.includes("/healthz")), "health checks are not");
});

test("nothing a client sends makes a log line of its own", async () => {
  const before = server.stderr.split("\n").length;
  await server.get("/api/x%0a[2026-01-01]%20[ERROR]%20[fake]%20line");
  await server.get("/api/projects/", { headers: { "X-Request-Id": "a\u00e9[ERROR]" } });
  await server.get("/api/projects/?search=%0a[ERROR]%0a");
  await server.get("/healthz");
  const lines = server.stderr.split("\n").slice(before - 1).filter(Boolean);
  for (const line of lines) assert.match(line, /^\[[^\]]+\] \[(INFO|DEBUG|WARNING)\] \[http\] /, line);
});

test("a log file gets the lines as well", async (t) => {
  const file = join(folder(t), "parlando.log");
  const logged = await serve(t, { env: { LOG_FILE: file, LOG_LEVEL: "info" } });
  await logged.get("/api/projects/", { headers: { "X-Request-Id": "to-the-file" } });
  await logged.stop();
  assert.match(readFileSync(file, "utf8"), /to-the-file/);
  assert.equal(readFileSync(file, "utf8"), logged.stderr);
});

// --- starting ---

test("it listens on loopback, and the printed address is right", async () => {
  assert.equal(server.host, "127.0.0.1");
  assert.notEqual(server.port, 0);
  assert.equal((await server.get("/healthz")).status, 200);
  assert.equal(server.stdout.split("\n").filter((line) => line.includes("http://")).length, 1);
});

// Runs `serve` until it ends by itself.
const attempt = (t, args, env = {}) =>
  within(20_000, "the program's own end", run(["serve", "--data", folder(t), "--engine", "espeak", ...args], { env }));

test("it does not start open to other machines without a key", async (t) => {
  for (const host of ["0.0.0.0", "::"]) {
    const { code, stdout, stderr } = await attempt(t, ["--port", "0", "--host", host]);
    assert.notEqual(code, 0, host);
    assert.match(stderr, /PARLANDO_API_KEY/);
    assert.match(stderr, /--insecure/);
    assert.equal(stdout.toString(), "");
  }
});

test("with a key or --insecure it does", async (t) => {
  const keyed = await serve(t, { args: ["--host", "0.0.0.0"], env: { PARLANDO_API_KEY: "long-enough-for-a-test" } });
  assert.equal((await keyed.get("/api/projects/")).status, 401);
  const insecure = await serve(t, { args: ["--host", "0.0.0.0", "--insecure"] });
  insecure.expect(/insecure|key|every|other machines/i);
  assert.equal((await insecure.get("/api/projects/")).status, 200);
});

test("a port that is taken, a bad value and a bad folder are said clearly", async (t) => {
  const file = join(folder(t), "file");
  writeFileSync(file, "");
  const cases = [
    [["--port", String(server.port)], new RegExp(`${server.port}`)],
    [["--port", "70000"], /port/],
    [["--port", "x"], /port/],
    [["--workers", "0"], /workers/],
    [["--keep-tasks", "soon"], /keep-tasks/],
    [["--engine", "festival"], /festival/],
    [["--nothing"], /--nothing/],
    [["--port", "0", "--data", join(file, "data")], /data|folder|file/i],
    [["--port", "0", "--host", "no.such.host.invalid", "--insecure"], /no\.such\.host\.invalid/],
  ];
  for (const [args, names] of cases) {
    const { code, stderr } = await attempt(t, args);
    assert.ok(code > 0 && code < 128, `${args}: ${code}`);
    assert.match(stderr, names);
  }
});

test("a database that is none, or a newer one, is left alone with a clear word", async (t) => {
  const broken = folder(t);
  writeFileSync(join(broken, "studio.db"), "this is no database, but it is somebody's file. ".repeat(100));
  const before = readFileSync(join(broken, "studio.db"));
  const first = await attempt(t, ["--port", "0", "--data", broken]);
  assert.ok(first.code > 0 && first.code < 128, `${first.code}`);
  assert.match(first.stderr, /studio\.db/);
  assert.ok(readFileSync(join(broken, "studio.db")).equals(before));

  const old = await serve(t);
  const newer = old.data;
  await old.stop();
  const made = spawnSync("python3", ["-c", "import sqlite3,sys;c=sqlite3.connect(sys.argv[1]);c.execute('pragma user_version=999');c.commit()", join(newer, "studio.db")]);
  assert.equal(made.status, 0, `${made.stderr}`);
  const second = await attempt(t, ["--port", "0", "--data", newer]);
  assert.ok(second.code > 0 && second.code < 128, `${second.code}`);
  assert.match(second.stderr, /newer/i);
});

test("two servers do not share a data folder", async (t) => {
  const { code, stderr } = await attempt(t, ["--port", "0", "--data", server.data]);
  assert.ok(code > 0 && code < 128, `${code}`);
  assert.match(stderr, new RegExp(server.data));
  assert.equal((await server.get("/readyz")).status, 200, "the first goes on");
});

test("--print-config shows each value and where it came from, and no key", async (t) => {
  const { code, stdout } = await run(["serve", "--print-config", "--port", "1234", "--data", folder(t)], {
    env: { PARLANDO_WORKERS: "3", LOG_LEVEL: "debug", PARLANDO_API_KEY: "do-not-print-this" },
  });
  assert.equal(code, 0);
  const text = stdout.toString();
  assert.match(text, /^port\s+1234\s.*(--port|command line|flag)/m);
  assert.match(text, /^workers\s+3\s.*PARLANDO_WORKERS/m);
  assert.match(text, /^log-level\s+debug\s.*LOG_LEVEL/m);
  assert.match(text, /^host\s+127\.0\.0\.1\s.*default/m);
  assert.ok(!text.includes("do-not-print-this"));
});

test("help names every option of serve", async () => {
  const { code, stdout } = await run(["serve", "--help"]);
  assert.equal(code, 0);
  for (const name of ["host", "port", "data", "engine", "workers", "insecure", "print-config"]) assert.match(stdout.toString(), new RegExp(`--${name}\\b`));
  assert.match((await run(["--help"])).stdout.toString(), /^ {2}serve /m);
});

// --- stopping ---

for (const signal of ["SIGTERM", "SIGINT"])
  test(`${signal} drains: the request that runs is answered, streams end, the exit is 0`, async (t) => {
    const draining = await serve(t);
    const story = await draining.story(long(1, 300));
    await draining.narrate(story.id);
    const { audio_file } = await draining.segment(story.segments[0].id);
    const expected = (await draining.get(audio_file)).body;
    assert.ok(expected.length > 8 << 20, "more than what sockets buffer");

    const batch = await draining.story(long(2));
    const { json } = await draining.post(`/api/projects/${batch.id}/generate-all-audio/`, {});
    const stream = await draining.events(json.task_id).open();
    const streamed = (async () => {
      const got = [];
      for await (const event of stream) got.push(event);
      return got;
    })();

    const download = await new Promise((resolve, reject) => {
      http.get({ host: "127.0.0.1", port: draining.port, path: audio_file, agent: false }, (answer) => {
        answer.once("readable", () => {
          draining.child.kill(signal);
          resolve(answer);
        });
      }).on("error", reject);
    });
    assert.ok((await within(10_000, "the end of the streams", streamed)).length >= 1, "the stream ended whole");
    const pieces = [];
    for await (const piece of download) pieces.push(piece);
    assert.ok(Buffer.concat(pieces).equals(expected), "the download is whole");
    const { code } = await within(20_000, "the end", draining.ended);
    assert.equal(code, 0);
    await assert.rejects(
      new Promise((resolve, reject) => net.connect(draining.port, "127.0.0.1", resolve).on("error", reject)),
      "nobody listens any more",
    );
    assert.deepEqual(filesBelow(draining.media("staged")), []);
  });

test("a batch goes on after SIGTERM and a new start, under its id", async (t) => {
  const first = await serve(t);
  const story = await first.story([...long(1, 300), ...Array.from({ length: 20 }, (_, i) => `Sentence ${i + 1}.`)]);
  const { json } = await first.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  await first.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  const { code } = await first.stop();
  assert.equal(code, 0);
  const second = await serve(t, { data: first.data });
  const ended = await second.taskEnd(json.task_id);
  assert.equal(ended.status, "COMPLETED");
  assert.equal(ended.completed_segments.length, 21);
  assert.deepEqual(ended.errors, []);
});

const SQL = "import sqlite3,sys;print(sqlite3.connect(sys.argv[1]).execute('SELECT group_concat(id || version) FROM jobs').fetchone()[0])";

test("where the port is taken, nothing of the queue is touched", async (t) => {
  const first = await serve(t);
  const story = await first.story(long(3, 300));
  await first.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  await first.stop();
  const versions = () => spawnSync("python3", ["-c", SQL, join(first.data, "studio.db")]).stdout.toString();
  const before = versions();
  assert.match(before, /\d/);
  const { code } = await attempt(t, ["--port", String(server.port), "--data", first.data]);
  assert.notEqual(code, 0);
  assert.equal(versions(), before);
});

test("idle connections do not hold the drain up", async (t) => {
  const idle = await serve(t);
  const sockets = await Promise.all(
    Array.from({ length: 20 }, () => new Promise((resolve) => {
      const socket = net.connect(idle.port, "127.0.0.1", () => resolve(socket));
      socket.on("error", () => {});
    })),
  );
  const began = performance.now();
  const { code } = await idle.stop();
  assert.equal(code, 0);
  assert.ok(performance.now() - began < 5000);
  sockets.forEach((socket) => socket.destroy());
});

