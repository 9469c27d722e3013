// A real server for a test: `parlando serve` on a free port with a data folder of its own.
// Every JSON answer is checked against /openapi.json as it comes in (schema.mjs), and what the
// server wrote to standard error when it ends: only announced warnings and errors may be there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { program } from "../cli/program.mjs";
import { Document } from "./schema.mjs";

// Sanitized programs are several times slower.
export const patience = Number(process.env.PARLANDO_PATIENCE ?? 1);
const START_MS = 20_000 * patience;
const ANSWER_MS = 20_000 * patience;
const TASK_MS = 60_000 * patience;
const LOG_LINE = /^\[\d{4}-\d\d-\d\d[T ][^\]]*\] \[(ERROR|WARNING|INFO|DEBUG)\] \[[\w./-]+\] \S/;

const base = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  LANG: "C.UTF-8",
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(ASAN|LSAN|UBSAN|TSAN)_OPTIONS$/.test(name)),
  ),
};

// Resolves to what `promise` does, or fails after ms saying what was waited for.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const endings = new WeakMap();

// Runs `end` when the test ends (or the file, given {after} of node:test), what was begun last first:
// a server ends before its folder goes. All of them run; the first failure is the test's.
export function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      const failures = [];
      for (const each of endings.get(t).reverse()) await Promise.resolve().then(each).catch((error) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    });
  }
  endings.get(t).push(end);
}

// A fresh folder that goes away with the test.
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "parlando-api-"));
  atEnd(t, () => rmSync(path, { recursive: true, force: true }));
  return path;
}

// All regular files below a folder, relative to it, sorted.
export function filesBelow(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.path, entry.name)))
    .sort();
}

// One part of a form: {name, value} or {name, filename, type, bytes}.
export function form(parts, boundary = "----parlando-test-boundary") {
  const pieces = parts.flatMap(({ name, value, filename, type, bytes }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
      (filename === undefined ? "" : `; filename="${filename}"`) +
      (type === undefined ? "" : `\r\nContent-Type: ${type}`) +
      "\r\n\r\n",
    bytes ?? value,
    "\r\n",
  ]);
  return {
    body: Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece))),
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
  };
}

export class Server {
  stdout = "";
  stderr = "";
  #expected = [/\[engine\] there is no voice "af_bella" in espeak/]; // the default, with the engine of tests
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  #document = null;
  checksSchema = true;

  constructor(child, data) {
    this.child = child;
    this.data = data;
    child.stdout.on("data", (bytes) => (this.stdout += bytes));
    child.stderr.on("data", (bytes) => (this.stderr += bytes));
    this.ended = new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
  }

  // The address line says where it listens.
  async ready() {
    const address = new Promise((resolve) => {
      const look = () => {
        const found = /http:\/\/([^\s/:]+|\[[^\]]+\]):(\d+)/.exec(this.stdout);
        if (found) resolve(found);
      };
      this.child.stdout.on("data", look);
      look();
    });
    const early = this.ended.then(({ code, signal }) => {
      throw new Error(`the server ended (${code ?? signal}) before it listened:\n${this.stderr}`);
    });
    const [origin, host, port] = await within(START_MS, "the address line", Promise.race([address, early]));
    early.catch(() => {});
    Object.assign(this, { origin, host, port: Number(port) });
    return this;
  }

  get pid() {
    return this.child.pid;
  }

  // Lines of the log that this test provokes.
  expect(...patterns) {
    this.#expected.push(...patterns);
  }

  // Any answer: {status, headers, body (Buffer), text, json}. Without a schema check for answers
  // that are no JSON. `path` goes on the wire as it is.
  request(method, path, { headers = {}, body, json, agent = this.#agent, chunked = false, ms = ANSWER_MS } = {}) {
    const payload = json === undefined ? body : JSON.stringify(json);
    const all = { ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers };
    if (chunked) all["Transfer-Encoding"] = "chunked";
    else if (payload !== undefined) all["Content-Length"] = Buffer.byteLength(payload);
    return within(
      ms,
      `${method} ${path}`,
      new Promise((resolve, reject) => {
        const request = http.request(
          { host: "127.0.0.1", port: this.port, method, path, headers: all, agent },
          (answer) => {
            const pieces = [];
            answer.clientPort = answer.socket.localPort; // which connection this was
            answer.on("data", (piece) => pieces.push(piece));
            answer.on("error", reject);
            answer.on("end", () => resolve(new Answer(answer, Buffer.concat(pieces))));
          },
        );
        request.on("error", reject);
        request.end(payload);
      }),
    ).then(async (answer) => {
      if (this.checksSchema && answer.isJson) await this.#check(method, path, answer);
      return answer;
    });
  }

  get = (path, options) => this.request("GET", path, options);
  head = (path, options) => this.request("HEAD", path, options);
  del = (path, options) => this.request("DELETE", path, options);
  post = (path, json, options) => this.request("POST", path, { json, ...options });
  patch = (path, json, options) => this.request("PATCH", path, { json, ...options });

  // A form with its file first, unless told otherwise.
  upload(path, parts, { headers = {}, ...options } = {}) {
    const made = form(parts);
    return this.request("POST", path, { body: made.body, headers: { ...made.headers, ...headers }, ...options });
  }

  // Bytes as they are on the wire, for clients that no library would be; resolves to what came back
  // until the server closed the connection, or until `until` matches it.
  raw(bytes, { until } = {}) {
    return within(
      ANSWER_MS,
      "a raw answer",
      new Promise((resolve, reject) => {
        const socket = net.connect(this.port, "127.0.0.1");
        let got = "";
        const finish = () => (socket.destroy(), resolve(got));
        socket.on("data", (piece) => {
          got += piece.toString("latin1");
          if (until?.test(got)) finish();
        });
        socket.on("close", () => resolve(got));
        socket.on("error", (error) => (error.code === "ECONNRESET" ? resolve(got) : reject(error)));
        socket.write(bytes);
      }),
    );
  }

  // Resolves once what is written to the log from now on matches.
  logged(pattern, ms = ANSWER_MS) {
    let seen = "";
    const { stderr } = this.child;
    return within(
      ms,
      `${pattern} in the log`,
      new Promise((resolve) => {
        const look = (bytes) => {
          seen += bytes;
          if (!pattern.test(seen)) return;
          stderr.off("data", look);
          resolve(seen);
        };
        stderr.on("data", look);
      }),
    );
  }

  // The API's own description of itself.
  async document() {
    this.#document ??= new Document((await this.#plain("/openapi.json")).json);
    return this.#document;
  }

  #plain(path) {
    const checks = this.checksSchema;
    this.checksSchema = false;
    const answer = this.request("GET", path, { headers: this.keyHeader ?? {} });
    this.checksSchema = checks;
    return answer;
  }

  async #check(method, path, answer) {
    if (method === "HEAD" || path.startsWith("/openapi.json")) return;
    const problems = (await this.document()).check(method, path.split("?")[0], answer.status, answer.json);
    assert.deepEqual(problems, [], `${method} ${path} ${answer.status} against /openapi.json: ${answer.text.slice(0, 600)}`);
  }

  // --- stories ---

  // Makes a project; segments are texts or whole objects.
  async story(segments, title = "A story") {
    const answer = await this.post("/api/projects/import/", {
      title,
      segments: segments.map((segment) => (typeof segment === "string" ? { text_content: segment } : segment)),
    });
    assert.equal(answer.status, 201, answer.text);
    return (await this.get(`/api/projects/${answer.json.id}/`)).json;
  }

  project = async (id) => (await this.get(`/api/projects/${id}/`)).json;
  segment = async (id) => (await this.get(`/api/segments/${id}/`)).json;
  status = async (taskId) => (await this.get(`/api/tasks/${taskId}/status/`)).json;

  // --- tasks ---

  events(taskId, headers = {}) {
    return new Events(this, `/api/tasks/${taskId}/events`, headers, "Task");
  }

  // The stream that tells of everything.
  studio(headers = {}) {
    return new Events(this, "/api/events/", headers, "StudioState");
  }

  // The task's body once `holds` is true of it; told by events, never by asking again and again.
  async waitFor(taskId, holds, ms = TASK_MS) {
    const stream = await this.events(taskId).open();
    try {
      return await within(
        ms,
        `task ${taskId}`,
        (async () => {
          for await (const { data } of stream) {
            const body = JSON.parse(data);
            if (holds(body)) return body;
          }
          throw new Error(`the events of ${taskId} ended before that`);
        })(),
      );
    } finally {
      stream.close();
    }
  }

  // The task's body once it ended.
  taskEnd = (taskId, ms) => this.waitFor(taskId, ({ status }) => isEnded(status), ms);

  async narrate(projectId, options = {}) {
    const answer = await this.post(`/api/projects/${projectId}/generate-all-audio/`, options);
    assert.equal(answer.status, 202, answer.text);
    return this.taskEnd(answer.json.task_id);
  }

  // --- the process and the disk ---

  // Kilobytes, by its name in /proc/PID/status.
  memory(name = "VmRSS") {
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))[1]);
  }

  path = (...parts) => join(this.data, ...parts);
  media = (...parts) => join(this.data, "media", ...parts);

  // Ends it and checks what it wrote. Safe twice.
  async stop(signal = "SIGTERM") {
    this.#agent.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    let end;
    try {
      end = await within(30_000 * patience, `the end after ${signal}`, this.ended);
    } catch (error) {
      this.child.kill("SIGKILL");
      throw error;
    }
    this.checkLog();
    return end;
  }

  checkLog() {
    const lines = this.stderr.split("\n").filter((line) => line !== "");
    const bad = lines.filter((line) => {
      const level = LOG_LINE.exec(line)?.[1];
      const isQuiet = level === "INFO" || level === "DEBUG";
      return !isQuiet && !(level && this.#expected.some((pattern) => pattern.test(line)));
    });
    assert.deepEqual(bad.slice(0, 40), [], "unexpected lines on the server's standard error");
  }
}

class Answer {
  constructor({ statusCode, headers, clientPort }, body) {
    Object.assign(this, { status: statusCode, headers, clientPort, body });
  }

  get text() {
    return this.body.toString("utf8");
  }

  get isJson() {
    return /^application\/json\b/.test(this.headers["content-type"] ?? "") && this.body.length > 0;
  }

  get json() {
    return (this.parsed ??= JSON.parse(this.text));
  }
}

export const isEnded = (status) => status === "COMPLETED" || status === "FAILED";

// A stream of Server-Sent Events, whose data are states: for await (const {id, event, data} of await
// stream.open()), or one after the other with until().
class Events {
  #events;

  constructor(server, path, headers, schema) {
    Object.assign(this, { server, path, headers, schema });
  }

  open() {
    return within(
      ANSWER_MS,
      `the events of ${this.path}`,
      new Promise((resolve, reject) => {
        this.request = http.get(
          {
            host: "127.0.0.1",
            port: this.server.port,
            path: this.path,
            headers: { Accept: "text/event-stream", ...this.headers },
            agent: false,
          },
          (answer) => {
            this.answer = answer;
            this.status = answer.statusCode;
            resolve(this);
          },
        );
        this.request.on("error", (error) => (this.answer ? undefined : reject(error)));
      }),
    );
  }

  async *[Symbol.asyncIterator]() {
    let rest = "";
    for await (const piece of this.answer.setEncoding("utf8")) {
      const blocks = (rest + piece).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = block.split("\n").map((line) => /^([a-z]*): ?(.*)$/.exec(line));
        assert.ok(fields.every(Boolean), `not an event: ${JSON.stringify(block)}`);
        const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value);
        if (data.length === 0) continue; // a comment, or only a retry time
        if (this.server.checksSchema) await this.#check(data.join("\n"));
        const value = (wanted) => fields.find(([, name]) => name === wanted)?.[2];
        yield { id: value("id"), event: value("event"), data: data.join("\n") };
      }
    }
  }

  async #check(data) {
    const problems = (await this.server.document()).checkSchema(this.schema, JSON.parse(data));
    assert.deepEqual(problems, [], `${this.path} against /openapi.json: ${data.slice(0, 600)}`);
  }

  // The next state of which `holds` is true; `last` is its event.
  until(what, holds = () => true, ms = ANSWER_MS) {
    this.#events ??= this[Symbol.asyncIterator]();
    const find = async () => {
      for (;;) {
        const { value, done } = await this.#events.next();
        assert.ok(!done, `the stream ended before ${what}`);
        this.last = value;
        const state = JSON.parse(value.data);
        if (holds(state)) return state;
      }
    };
    return within(ms, what, find());
  }

  close() {
    this.request?.destroy();
  }
}

// Starts the program without waiting for it; whoever starts it ends it (a test that kills it, say).
export function spawnServer(t, { args = [], env = {}, data = folder(t), engine = "espeak", key } = {}) {
  const models = folder(t);
  mkdirSync(data, { recursive: true });
  const child = spawn(
    program,
    ["serve", "--port", "0", "--data", data, ...(engine ? ["--engine", engine] : []), ...args],
    { env: { ...base, PARLANDO_MODELS: models, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const server = new Server(child, data);
  if (key) server.keyHeader = { Authorization: `Bearer ${key}` };
  return server;
}

// A server that listens, and ends with t (a test's context, or {after} of node:test for the whole
// file). What it wrote to standard error is checked then, unless the test has killed it.
export async function serve(t, options = {}) {
  const server = spawnServer(t, options);
  atEnd(t, () => server.stop());
  return server.ready();
}
