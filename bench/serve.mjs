// Measures the server: serve.mjs [rounds=3] [seconds=4] [peers|own]. The peers (FastAPI under
// uvicorn, Node) give the same two answers from the same data; wrk asks all three in turn, round by
// round, so that what else the machine does meets all of them. Needs wrk, and for the peers Debian's
// python3-fastapi and python3-uvicorn (tools/setup bench). Parlando is $PARLANDO or build/parlando.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { cpus, homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { atEnd, folder, serve } from "../tests/api/server.mjs";

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 4);
const part = process.argv[4] ?? "all";
const CONNECTIONS = 32;
const run = promisify(execFile);

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const pad = (text, width) => String(text).padStart(width);
const say = (text) => process.stderr.write(`${text}\n`);
const sentences = (n) => Array.from({ length: n }, (_, i) => `This is sentence number ${i + 1} of a story, and it is about as long as sentences are.`);

// What a test's context is elsewhere: something that ends.
function scope() {
  const ends = [];
  return { after: (end) => ends.push(end), end: async () => { for (const end of ends) await end(); } };
}

// --- throughput, beside the peers ---

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const get = (port, path, headers = {}) =>
  new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(pieces) }));
      answer.on("error", reject);
    }).on("error", reject);
  });

async function startPeer(t, command, args, port) {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  atEnd(t, () => child.kill());
  for (let i = 0; i < 1200; i++) {
    const answer = await get(port, "/nothing").catch(() => null);
    if (answer) return child.pid;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${command} ${args[0]} does not listen`);
}

// Seconds of processor time that a process has used (proc(5): utime and stime, in hundredths).
function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

// One run of wrk: {rate, p50, p99} with milliseconds, and the server's own processor time a request in
// microseconds: where wrk or the kernel's copying is what limits all three, that still tells them apart.
async function load(port, pid, { path, headers }) {
  const before = cpuTime(pid);
  const { stdout } = await run("wrk", [
    "-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency",
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
    `http://127.0.0.1:${port}${path}`,
  ]);
  const ms = (text) => {
    const [, value, unit] = /([\d.]+)(us|ms|s)/.exec(text);
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  assert.doesNotMatch(stdout, /Non-2xx/, stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  return {
    cpu: ((cpuTime(pid) - before) / requests) * 1e6,
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    p50: ms(/^\s+50%\s+(\S+)/m.exec(stdout)[1]),
    p99: ms(/^\s+99%\s+(\S+)/m.exec(stdout)[1]),
  };
}

async function throughput() {
  const t = scope();
  try {
    const server = await serve(t, { args: ["--log-level", "warning"] }); // the peers log no requests either
    server.checksSchema = false;
    const story = await server.story(sentences(50));
    await server.narrate(story.id);
    const path = `/api/projects/${story.id}/`;
    const project = (await server.get(path)).json;
    const audio = project.segments[0].audio_file.split("?")[0];
    // A recording of exactly 1 MB in the place of the first.
    const sound = Buffer.alloc(1 << 20);
    writeFileSync(server.path(audio), sound);
    const copy = join(folder(t), "project.json");
    writeFileSync(copy, JSON.stringify(project));

    const [pythonPort, nodePort] = [await freePort(), await freePort()];
    const here = new URL(".", import.meta.url).pathname;
    const pythonPid = await startPeer(t, "/usr/bin/python3", [join(here, "serve-fastapi.py"), server.data, pythonPort], pythonPort);
    const nodePid = await startPeer(t, process.execPath, [join(here, "serve-node.mjs"), server.data, nodePort, copy], nodePort);
    const contestants = [
      ["parlando", server.port, server.pid],
      ["fastapi", pythonPort, pythonPid],
      ["node", nodePort, nodePid],
    ];
    const asks = [
      ["project, 50 segments", { path, headers: {} }],
      ["1 MB file, whole by Range", { path: audio, headers: { Range: "bytes=0-" } }],
      ["1 MB file, 64 kB by Range", { path: audio, headers: { Range: "bytes=100000-165535" } }],
      ["1 MB file, 2 bytes by Range", { path: audio, headers: { Range: "bytes=0-1" } }], // a player's first question
    ];
    for (const [what, { path: asked, headers }] of asks) {
      const answers = await Promise.all(contestants.map(([, port]) => get(port, asked, headers)));
      for (const { status, body } of answers) {
        assert.equal(status, answers[0].status, what);
        if (headers.Range) assert.ok(body.equals(answers[0].body), what);
        else assert.deepEqual(JSON.parse(body), JSON.parse(answers[0].body), what);
      }
    }

    const figures = new Map();
    for (let round = 0; round < rounds; round++)
      for (const [what, ask] of asks)
        for (const [name, port, pid] of contestants) {
          const key = `${what}|${name}`;
          figures.set(key, [...(figures.get(key) ?? []), await load(port, pid, ask)]);
          say(`round ${round + 1}: ${key} ${figures.get(key).at(-1).rate.toFixed(0)}/s`);
        }

    console.log(`wrk, 1 thread, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s, medians; ${cpus().length} cores\n`);
    console.log("answer".padEnd(28) + "server".padEnd(10) + pad("requests/s", 11) + pad("p50 ms", 9) + pad("p99 ms", 9) + pad("cpu us", 9) + "  parlando: requests/s, cpu");
    for (const [what] of asks)
      for (const [name] of contestants) {
        const runs = figures.get(`${what}|${name}`);
        const ours = figures.get(`${what}|parlando`);
        const ratios = runs.map(({ rate }, i) => ours[i].rate / rate);
        const costs = runs.map(({ cpu }, i) => cpu / ours[i].cpu);
        const span = (list) => `${median(list).toFixed(1)}x (${Math.min(...list).toFixed(1)}-${Math.max(...list).toFixed(1)})`;
        console.log(
          what.padEnd(28) + name.padEnd(10) + pad(median(runs.map((r) => r.rate)).toFixed(0), 11) +
            pad(median(runs.map((r) => r.p50)).toFixed(2), 9) + pad(median(runs.map((r) => r.p99)).toFixed(2), 9) +
            pad(median(runs.map((r) => r.cpu)).toFixed(0), 9) + (name === "parlando" ? "" : `  ${span(ratios)}, ${span(costs)}`),
        );
      }
    console.log();
  } finally {
    await t.end();
  }
}

// --- starting, and being idle ---

async function starting() {
  const t = scope();
  const figures = [];
  try {
    const fresh = await serve(t);
    await fresh.get("/healthz");
    const idle = fresh.memory();
    const first = await serve(t);
    first.checksSchema = false;
    for (let i = 0; i < 1000; i++) await first.story(sentences(10), `Story number ${i + 1}`);
    await first.stop();
    let memory;
    for (let i = 0; i < 7; i++) {
      const began = performance.now();
      const server = await serve(t, { data: first.data });
      figures.push(performance.now() - began);
      await server.get("/healthz");
      memory = server.memory();
      await server.stop();
    }
    console.log(`start to listening, 1,000 projects   ${median(figures).toFixed(0)} ms (${Math.min(...figures).toFixed(0)}-${Math.max(...figures).toFixed(0)})`);
    console.log(`idle memory (VmRSS), no model        ${(idle / 1024).toFixed(1)} MB; with 1,000 projects ${(memory / 1024).toFixed(1)} MB`);
  } finally {
    await t.end();
  }
}

// --- beside a bulk job ---

// The engine that the figures beside a bulk job are taken with.
function heavyEngine() {
  const models = process.env.PARLANDO_MODELS ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "parlando/models");
  const { PARLANDO_ORT } = process.env;
  return existsSync(join(models, "kokoro"))
    ? { engine: "kokoro", env: { PARLANDO_MODELS: models, ...(PARLANDO_ORT && { PARLANDO_ORT }) } }
    : { engine: "espeak", env: {} };
}

const bookish = (n) =>
  Array.from({ length: n }, (_, i) => `Chapter ${i + 1}. ` + "The lamp had burned for a hundred years, and nobody remembered who had lit it. Ships came and went; the keeper counted them. ".repeat(20));

// Latency of one request at a time, every few milliseconds, as a person or a monitor would ask.
async function latency(server, path, count) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const { status } = await server.get(path, { agent });
    times.push(performance.now() - began);
    assert.equal(status, 200);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  agent.destroy();
  return times;
}

// From asking to the first sign of work and to the end.
async function speakLive(server, segment) {
  const began = performance.now();
  const { json } = await server.post(`/api/segments/${segment}/generate-audio/`, {});
  await server.waitFor(json.task_id, ({ status }) => status !== "PENDING");
  const started = performance.now() - began;
  await server.taskEnd(json.task_id);
  return { started, ended: performance.now() - began };
}

const spread = (list) => `p50 ${median(list).toFixed(1)}, p99 ${quantile(list, 0.99).toFixed(1)}, max ${Math.max(...list).toFixed(1)} ms`;

async function besideBulk() {
  const t = scope();
  try {
    const { engine, env } = heavyEngine();
    const server = await serve(t, { engine, env, args: ["--workers", String(cpus().length)] });
    server.checksSchema = false;
    const live = await server.story(Array.from({ length: 12 }, (_, i) => `Here is live sentence number ${i + 1}.`));
    const ids = live.segments.map(({ id }) => id);
    await speakLive(server, ids[0]); // loads the model
    const alone = [];
    for (const id of ids.slice(1, 4)) alone.push(await speakLive(server, id));
    const quiet = await latency(server, "/healthz", 400);

    const book = await server.story(bookish(200));
    const { json } = await server.post(`/api/projects/${book.id}/generate-all-audio/`, {});
    await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
    const busy = await latency(server, "/healthz", 1500);
    const project = await latency(server, `/api/projects/${live.id}/`, 500);
    const beside = [];
    for (const id of ids.slice(4)) beside.push(await speakLive(server, id));
    const { status } = await server.status(json.task_id);
    await server.post(`/api/tasks/${json.task_id}/cancel/`);
    await server.taskEnd(json.task_id);

    console.log(`bulk job: ${engine}, ${cpus().length} workers on ${cpus().length} cores, ${status} throughout`);
    console.log(`/healthz, nothing else running       ${spread(quiet)}`);
    console.log(`/healthz beside the bulk job         ${spread(busy)}`);
    console.log(`a project beside the bulk job        ${spread(project)}`);
    console.log(`live generate-audio, alone           started ${spread(alone.map((x) => x.started))}; spoken ${spread(alone.map((x) => x.ended))}`);
    console.log(`live generate-audio beside bulk      started ${spread(beside.map((x) => x.started))}; spoken ${spread(beside.map((x) => x.ended))}`);
  } finally {
    await t.end();
  }
}

if (part !== "own") await throughput();
if (part !== "peers") {
  await starting();
  await besideBulk();
}
