// What goes wrong outside: kills, full disks, locked databases, clients that leave or never finish.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readlinkSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { wav } from "../cli/program.mjs";
import { png } from "./fixtures.mjs";
import { atEnd, filesBelow, folder, form, isEnded, patience, serve, spawnServer, within } from "./server.mjs";

// A small generator (mulberry32), so that a run can be repeated: PARLANDO_SEED=N.
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Looks again until it holds, for things that tell nobody when they happen (a closed descriptor).
async function eventually(what, holds) {
  for (const end = performance.now() + 10_000 * patience; performance.now() < end; await pause(20)) if (await holds()) return;
  assert.fail(`waited for: ${what}`);
}

const sentences = (n) => Array.from({ length: n }, (_, i) => `This is sentence number ${i + 1} of the story.`);

// Every recording below a data folder is whole: its header's sizes are its own.
function checkRecordings(data) {
  const files = filesBelow(join(data, "media", "projects")).filter((name) => name.endsWith(".wav"));
  for (const name of files) {
    const path = join(data, "media", "projects", name);
    const head = Buffer.alloc(44);
    const fd = openSync(path, "r");
    readSync(fd, head, 0, 44, 0);
    closeSync(fd);
    const { size } = statSync(path);
    assert.equal(head.toString("latin1", 0, 4), "RIFF", name);
    assert.equal(head.readUInt32LE(4), size - 8, name);
    assert.equal(head.readUInt32LE(40), size - 44, name);
  }
  return files.length;
}

test("8: killed at 50 random moments, a batch ends with every unit done once and every file whole", async (t) => {
  const KILLS = 50;
  const SEGMENTS = 300;
  const seed = Number(process.env.PARLANDO_SEED ?? Date.now() % 1_000_000);
  const next = random(seed);
  t.diagnostic(`PARLANDO_SEED=${seed}`);

  const data = folder(t);
  const first = await serve(t, { data });
  const story = await first.story(sentences(SEGMENTS));
  const { json } = await first.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  assert.equal(json.segments_to_process, SEGMENTS);
  first.child.kill("SIGKILL");
  await first.ended;

  // What was done stays as it is: the same file, not made again.
  const known = new Map();
  const look = (status) => {
    const completed = new Set(status.completed_segments.map(({ segment_id }) => segment_id));
    assert.equal(completed.size, status.completed_segments.length, "no segment is completed twice");
    for (const [id, inode] of known) {
      assert.ok(completed.has(id), `${id} was done and is no more`);
      assert.equal(statSync(join(data, "media/projects", story.id, "audio", `${id}.wav`)).ino, inode, `${id} was made again`);
    }
    for (const id of completed) known.set(id, statSync(join(data, "media/projects", story.id, "audio", `${id}.wav`)).ino);
  };

  let lives = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const server = spawnServer(t, { data });
    const isUp = server.ready().then(
      () => true,
      () => false,
    );
    if (next() < 0.25) {
      await pause(next() * 60 * patience); // while it starts
    } else {
      assert.ok(await isUp, server.stderr);
      const moment = pause(next() * 120 * patience);
      look(await server.status(json.task_id));
      await moment;
      lives++;
    }
    server.child.kill("SIGKILL");
    await server.ended;
    checkRecordings(data);
  }
    t.diagnostic(`it came up in ${lives} lives; ${known.size} of ${SEGMENTS} units were done by the last kill`);

  const last = await serve(t, { data });
  const ended = await last.taskEnd(json.task_id);
  assert.equal(ended.status, "COMPLETED");
  look(ended);
  assert.deepEqual(ended.errors, []);
  assert.equal(ended.completed_segments.length, SEGMENTS, "no unit is lost");
  assert.equal(checkRecordings(data), SEGMENTS);
  assert.deepEqual(filesBelow(last.media("staged")), []);
  for (const segment of (await last.project(story.id)).segments) {
    if (!segment.audio_file) continue;
    const sound = wav(join(data, "media/projects", story.id, "audio", `${segment.id}.wav`));
    assert.ok(Math.abs(sound.seconds - segment.audio_duration) < 0.002);
  }
  assert.equal((await last.get("/api/projects/")).json.length, 1);
});

test("killed while projects are imported, changed and deleted: each is there wholly or not at all", async (t) => {
  const seed = Number(process.env.PARLANDO_SEED ?? Date.now() % 1_000_000);
  const next = random(seed);
  t.diagnostic(`PARLANDO_SEED=${seed}`);
  const data = folder(t);
  const acknowledged = new Set();
  const deleted = new Set();
  for (let life = 0; life < 8; life++) {
    const server = await spawnServer(t, { data }).ready();
    server.checksSchema = false;
    let isAlive = true;
    const client = async () => {
      while (isAlive) {
        const segments = sentences(20).map((text_content) => ({ text_content }));
        const made = await server.post("/api/projects/import/", { title: "Kill me", segments });
        const { id, segments: [{ id: segment }] } = await server.project(made.json.id);
        acknowledged.add(id);
        await server.upload(`/api/segments/${segment}/upload-image/`, [{ name: "image", filename: "a.png", bytes: png }]);
        if (next() < 0.5) {
          deleted.add(id);
          acknowledged.delete(id);
          if ((await server.del(`/api/projects/${id}/`)).status === 204) deleted.delete(id);
        }
      }
    };
    const clients = Promise.allSettled([client(), client()]);
    await pause(100 + next() * 200 * patience);
    server.child.kill("SIGKILL");
    isAlive = false;
    await Promise.all([clients, server.ended]);
  }
  const server = await serve(t, { data });
  const { json: projects } = await server.get("/api/projects/");
  const ids = new Set(projects.map(({ id }) => id));
  for (const { id, segment_count } of projects) assert.equal(segment_count, 20, id);
  for (const id of acknowledged) assert.ok(ids.has(id), `${id} was answered with 201 and is gone`);
  for (const name of filesBelow(server.media("projects"))) assert.ok(ids.has(name.split("/")[0]), `${name} belongs to nothing`);
  for (const { id } of projects)
    for (const segment of (await server.project(id)).segments)
      if (segment.image_file) assert.equal((await server.head(segment.image_file)).status, 200);
  assert.deepEqual(filesBelow(server.media("staged")), []);
});

// --- the disk ---

// A small file system, where this machine lets us have one; or why not.
function smallDisk(t, megabytes) {
  const path = folder(t);
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path], { encoding: "utf8" });
  if (made.error || made.status !== 0) {
    t.skip(`no small disk can be had here: ${made.error?.message ?? made.stderr.trim()}`);
    return null;
  }
  atEnd(t, () => spawnSync("umount", ["-l", path]));
  return path;
}

test("a full disk is a clear error, not corruption; with room again everything goes on", async (t) => {
  const data = smallDisk(t, 8);
  if (!data) return;
  const server = await serve(t, { data });
  server.expect(/full|space/i);
  const story = await server.story(sentences(3));
  await server.narrate(story.id);
  const before = await server.project(story.id);

  const ballast = join(data, "ballast");
  try {
    writeFileSync(ballast, Buffer.alloc(64 << 20));
  } catch (error) {
    assert.equal(error.code, "ENOSPC");
  }
  const upload = await server.upload(`/api/segments/${story.segments[0].id}/upload-image/`, [
    { name: "image", filename: "a.png", bytes: Buffer.concat([png, Buffer.alloc(1 << 20)]) },
  ]);
  assert.ok([503, 507].includes(upload.status), `${upload.status} ${upload.text}`);
  assert.match(upload.text, /full|space/i);
  const refused = await server.post("/api/projects/import/", {
    title: "No room",
    segments: Array.from({ length: 400 }, () => ({ text_content: "x".repeat(2000) })),
  });
  assert.ok([503, 507].includes(refused.status), `${refused.status} ${refused.text}`);
  assert.match(refused.text, /full|space/i);

  assert.deepEqual(await server.project(story.id), before, "what is there can be read");
  for (const { audio_file } of before.segments) assert.equal((await server.get(audio_file)).status, 200);
  assert.equal((await server.get("/healthz")).status, 200);

  rmSync(ballast);
  const changed = await server.patch(`/api/segments/${story.segments[0].id}/`, { text_content: "There is room again." });
  assert.equal(changed.status, 200);
  assert.equal((await server.narrate(story.id)).status, "COMPLETED");
  checkRecordings(data);
  assert.deepEqual(filesBelow(server.media("staged")), []);
  assert.equal((await server.get("/api/projects/")).json.length, 1);
});

test("a disk that fills up under a batch: the recordings made stay, and with room the rest is made", async (t) => {
  const data = smallDisk(t, 16);
  if (!data) return;
  const server = await serve(t, { data });
  server.expect(/No space left|no room|full|again/i);
  const ballast = join(data, "ballast");
  writeFileSync(ballast, Buffer.alloc(12 << 20));
  const story = await server.story(Array.from({ length: 20 }, (_, i) => `Segment ${i + 1}. ` + "This sentence takes some room. ".repeat(4)));
  const started = await server.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  const { task_id } = started.json;

  // It ends or waits for room, and says why.
  await eventually("word of the full disk", async () => /No space left|no room/i.test(JSON.stringify((await server.status(task_id)).errors)));
  const made = checkRecordings(data);
  assert.ok(made > 0 && made < 20, `${made} recordings`);
  assert.equal((await server.get("/healthz")).status, 200);
  for (const { audio_url } of (await server.status(task_id)).completed_segments) assert.equal((await server.head(audio_url)).status, 200);

  rmSync(ballast);
  const ended = await server.taskEnd(task_id);
  if (ended.status === "FAILED" || ended.errors.length > 0) {
    assert.match(JSON.stringify(ended.errors), /space|room|full/i);
    assert.equal((await server.narrate(story.id)).status, "COMPLETED");
  }
  assert.equal(checkRecordings(data), 20);
  assert.ok((await server.project(story.id)).segments.every(({ audio_file }) => audio_file));
  assert.deepEqual(filesBelow(server.media("staged")), []);
});

// --- the database ---

// Another process that holds the database's write lock until it is told to let go.
async function lockDatabase(t, path) {
  const script = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
c.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
c.execute("ROLLBACK")
c.close()
print("free", flush=True)
`;
  const child = spawn("python3", ["-c", script, path], { stdio: ["pipe", "pipe", "inherit"] });
  atEnd(t, () => child.kill());
  const line = () => within(15_000, "the locker", new Promise((resolve) => child.stdout.once("data", (bytes) => resolve(`${bytes}`.trim()))));
  assert.equal(await line(), "locked");
  return {
    release: async () => {
      const freed = line();
      child.stdin.end();
      assert.equal(await freed, "free");
    },
  };
}

test("a database that another process locks: reads go on, writes wait, then say 503, and recover", async (t) => {
  const server = await serve(t);
  server.expect(/lock|busy|database|held/i);
  const story = await server.story(sentences(2));
  const lock = await lockDatabase(t, server.path("studio.db"));

  const began = performance.now();
  const write = server.patch(`/api/segments/${story.segments[0].id}/`, { text_content: "Changed." });
  assert.equal((await server.get(`/api/projects/${story.id}/`)).status, 200);
  assert.equal((await server.get("/healthz")).status, 200);
  assert.ok(performance.now() - began < 2000, "reading waits for nobody");
  const refused = await write;
  assert.equal(refused.status, 503);
  assert.match(refused.text, /another (process|program)|locked|busy|held/i);
  assert.ok(Number(refused.headers["retry-after"]) > 0);
  assert.equal((await server.segment(story.segments[0].id)).text_content, sentences(1)[0], "nothing was changed");

  const waiting = server.patch(`/api/segments/${story.segments[1].id}/`, { text_content: "After the lock." });
  await pause(200);
  await lock.release();
  assert.equal((await waiting).status, 200, "who waited is served when it is free");
  assert.equal((await server.patch(`/api/segments/${story.segments[0].id}/`, { text_content: "Now." })).status, 200);
});

test("a database that is locked under a batch: the batch goes on afterwards, each unit done once", async (t) => {
  const server = await serve(t);
  server.expect(/lock|busy|database|held|lease/i);
  const story = await server.story(sentences(40));
  const { json } = await server.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  await server.waitFor(json.task_id, ({ progress }) => progress.completed >= 3);
  const lock = await lockDatabase(t, server.path("studio.db"));
  await pause(6500); // longer than the server waits for it
  await lock.release();
  const ended = await server.taskEnd(json.task_id);
  assert.equal(ended.status, "COMPLETED");
  assert.equal(ended.completed_segments.length, 40, JSON.stringify(ended.errors));
  assert.equal(checkRecordings(server.data), 40);
});

test("a database that is locked under a batch: who watches hears that the queue waits, and that it goes on", async (t) => {
  const server = await serve(t, { args: ["--workers", "1"] });
  server.expect(/lock|busy|database|held|lease/i);
  const story = await server.story(sentences(200));
  const { json } = await server.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  await server.waitFor(json.task_id, ({ progress }) => progress.completed > 0);
  const task = await server.events(json.task_id).open();
  const studio = await server.studio().open();
  atEnd(t, () => (task.close(), studio.close()));
  const why = /in use by another program/;
  const isWaiting = ({ errors }) => errors.some(({ segment_id, error }) => segment_id === null && why.test(error));

  const lock = await lockDatabase(t, server.path("studio.db"));
  await Promise.all([
    task.until("word that the task waits", isWaiting),
    studio.until("word that the queue waits", ({ queue_error }) => why.test(queue_error)),
  ]);
  await lock.release();
  await Promise.all([
    task.until("word that the task goes on", (state) => !isWaiting(state)),
    studio.until("word that the queue goes on", ({ queue_error }) => queue_error === null),
  ]);
  assert.deepEqual((await server.taskEnd(json.task_id)).errors, []);
});

// --- clients ---

// Open sockets and recordings. (Database connections are opened as they are needed, and kept.)
function descriptors(server) {
  const folder = `/proc/${server.pid}/fd`;
  const targets = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return ""; // closed since it was listed
    }
  });
  return targets.filter((target) => target.startsWith("socket:") || target.endsWith(".wav")).length;
}

test("clients that leave in the middle of a download leave nothing open", async (t) => {
  const server = await serve(t);
  const story = await server.story(["The quick brown fox jumps over the lazy dog. ".repeat(400)]);
  await server.narrate(story.id);
  const { audio_file } = await server.segment(story.segments[0].id);
  await server.get("/healthz");
  const before = descriptors(server);
  await Promise.all(
    Array.from({ length: 40 }, () => new Promise((resolve) => {
      const request = http.get({ host: "127.0.0.1", port: server.port, path: audio_file, agent: false }, (answer) =>
        answer.once("data", () => (request.destroy(), resolve())),
      );
      request.on("error", () => {});
    })),
  );
  await eventually("as few descriptors as before", () => descriptors(server) <= before);
  assert.equal((await server.get(audio_file)).status, 200);
});

// One that was idle before them hides them from libmicrohttpd's own look at its connections.
test("clients that leave in the middle of speech leave nothing open", async (t) => {
  const server = await serve(t);
  const long = JSON.stringify({ input: sentences(100).join(" "), response_format: "pcm", save_history: false });
  const idle = net.connect(server.port, "127.0.0.1");
  atEnd(t, () => idle.destroy());
  idle.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
  await within(10_000 * patience, "an answer on the idle connection", new Promise((resolve) => idle.once("data", resolve)));
  const before = descriptors(server);
  await Promise.all(
    Array.from({ length: 20 }, () => new Promise((resolve) => {
      const options = { host: "127.0.0.1", port: server.port, path: "/v1/audio/speech", method: "POST", agent: false };
      const request = http.request({ ...options, headers: { "Content-Type": "application/json" } }, (answer) =>
        answer.on("error", () => {}).once("data", () => (request.destroy(), resolve())),
      );
      request.on("error", () => {}).end(long);
    })),
  );
  await eventually("as few descriptors as before", () => descriptors(server) <= before);
});

test("clients that leave an event stream are noticed, at the next change at the latest", async (t) => {
  const server = await serve(t);
  const story = await server.story(sentences(30));
  const { json } = await server.post(`/api/projects/${story.id}/generate-all-audio/`, {});
  await server.post(`/api/tasks/${json.task_id}/pause/`);
  await server.get("/healthz");
  const before = descriptors(server);
  const streams = await Promise.all(Array.from({ length: 40 }, () => server.events(json.task_id).open()));
  assert.ok(descriptors(server) >= before + 40);
  streams.forEach((stream) => stream.close());
  await server.post(`/api/tasks/${json.task_id}/resume/`);
  await server.taskEnd(json.task_id);
  await eventually("as few descriptors as before", () => descriptors(server) <= before + 1);
});

test("clients that leave in the middle of an upload leave no file", async (t) => {
  const server = await serve(t);
  const { segments: [{ id }] } = await server.story(["One."]);
  const before = filesBelow(server.data);
  const made = form([{ name: "image", filename: "a.png", bytes: Buffer.concat([png, Buffer.alloc(3 << 20)]) }]);
  await Promise.all(
    Array.from({ length: 20 }, () => new Promise((resolve) => {
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", resolve).on("close", resolve);
      socket.write(
        `POST /api/segments/${id}/upload-image/ HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
          `Content-Type: ${made.headers["Content-Type"]}\r\nContent-Length: ${made.body.length}\r\n\r\n`,
      );
      socket.write(made.body.subarray(0, made.body.length >> 1), () => socket.destroy());
    })),
  );
  await eventually("no file of an upload", () => filesBelow(server.data).length === before.length);
  assert.deepEqual(filesBelow(server.data), before);
  assert.equal((await server.upload(`/api/segments/${id}/upload-image/`, [{ name: "image", filename: "a.png", bytes: png }])).status, 200);
});

// Sockets that are open until the test ends.
function connect(t, server, count) {
  return Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const socket = net.connect(server.port, "127.0.0.1", () => resolve(socket));
      socket.on("error", reject);
      socket.resume();
      atEnd(t, () => socket.destroy());
    })),
  );
}

async function checkAnswers(server, what) {
  const times = [];
  for (let i = 0; i < 100; i++) {
    const began = performance.now();
    assert.equal((await server.get("/healthz")).status, 200);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  assert.ok(times[98] < 200 * patience, `${what}: the 99th percentile is ${times[98].toFixed(1)} ms`);
}

test("200 idle connections disturb nobody", async (t) => {
  const server = await serve(t);
  const before = server.memory();
  const sockets = await connect(t, server, 200);
  await checkAnswers(server, "idle connections");
  const grown = server.memory() - before;
  if (patience === 1) assert.ok(grown < 20_000, `${grown} kB for 200 connections`);
  sockets.forEach((socket) => socket.destroy());
});

test("clients that send a byte now and then disturb nobody", async (t) => {
  const server = await serve(t);
  server.expect(/some requests were cut/);
  const sockets = await connect(t, server, 150);
  const lines = [
    "GET /api/projects/ HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    "POST /api/projects/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
    `POST /api/projects/import/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000\r\n\r\n--x\r\n`,
  ];
  sockets.forEach((socket, i) => socket.write(lines[i % lines.length]));
  const dripping = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write("x")), 50);
  atEnd(t, () => clearInterval(dripping));
  await checkAnswers(server, "slow clients");
  assert.equal((await server.post("/api/projects/", { title: "Still here" })).status, 201);
});

test("more connections than allowed wait or are turned away; those there are served", async (t) => {
  const server = await serve(t, { args: ["--connections-max", "16"] });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  atEnd(t, () => agent.destroy());
  assert.equal((await server.get("/healthz", { agent })).status, 200);
  const sockets = await connect(t, server, 40).catch(() => []);
  assert.equal((await server.get("/healthz", { agent })).status, 200);
  sockets.forEach((socket) => socket.destroy());
  const again = async () => (await server.get("/healthz", { agent: new http.Agent() }).catch(() => ({}))).status;
  for (let i = 0; i < 100 && (await again()) !== 200; i++) await pause(50);
  assert.equal(await again(), 200, "there is room again");
});

// --- memory ---

test("10,000 mixed requests: memory stays flat", async (t) => {
  if (patience > 1) return t.skip("a sanitizer keeps what was freed, to find who still uses it");
  const server = await serve(t);
  server.checksSchema = false;
  const story = await server.story(sentences(50));
  await server.narrate(story.id);
  const ids = story.segments.map(({ id }) => id);
  const { audio_file } = await server.segment(ids[0]);
  const kinds = [
    [200, () => server.get("/api/projects/")],
    [200, () => server.get(`/api/projects/${story.id}/`)],
    [200, (i) => server.get(`/api/segments/${ids[i % 50]}/`)],
    [200, (i) => server.patch(`/api/segments/${ids[i % 50]}/`, { image_prompt: `prompt ${i}` })],
    [206, (i) => server.get(audio_file, { headers: { Range: `bytes=${i % 1000}-${(i % 1000) + 20_000}` } })],
    [404, (i) => server.get(`/api/nothing/${i}`)],
    [400, () => server.post("/api/projects/", { title: "" })],
    [200, () => server.get("/healthz")],
    [200, () => server.upload(`/api/segments/${ids[1]}/upload-image/`, [{ name: "image", filename: "a.png", bytes: png }])],
    [200, (i) => server.patch("/api/settings/", { tts_speed: 1 + (i % 10) / 10 })],
    [204, async () => server.del(`/api/projects/${(await server.post("/api/projects/", { title: "Short life" })).json.id}/`)],
    [200, () => server.get("/metrics")],
  ];
  let next = 0;
  const drive = async (until) => {
    const client = async () => {
      for (let i = next++; i < until; i = next++) {
        const [wanted, ask] = kinds[i % kinds.length];
        const { status, text } = await ask(i);
        assert.equal(status, wanted, `request ${i}: ${text}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
  };
  await drive(2000);
  const before = server.memory();
  await drive(10_000);
  const after = server.memory();
  t.diagnostic(`VmRSS ${before} kB after 2,000 requests, ${after} kB after 10,000`);
  assert.ok(after <= before * 1.05, `${before} kB became ${after} kB`);
});
