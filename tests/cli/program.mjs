// Runs the real program from outside, each test in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const program = process.env.PARLANDO ?? join(root, "build", "parlando");

// An empty models folder and no user configuration: a test sees only what it put there.
const clean = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  LANG: "C.UTF-8",
  PARLANDO_MODELS: "/nonexistent/models",
};

// Starts the program; `done` resolves to {code, signal, stdout (Buffer), stderr}.
export function start(args, { input, env = {}, cwd, stdout = "pipe" } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...clean, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", stdout, "pipe"],
  });
  const out = [];
  let stderr = "";
  child.stdout?.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => (stderr += bytes));
  if (input !== undefined) {
    child.stdin.on("error", () => {}); // the program may end without reading it all
    child.stdin.end(input);
  }
  const done = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stdout: Buffer.concat(out), stderr })),
  );
  return { child, done };
}

export const run = (args, options) => start(args, options).done;

// A fresh folder that goes away with the test.
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "parlando-cli-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

// A canonical WAV's facts; throws for anything else.
export function wav(path) {
  const bytes = typeof path === "string" ? readFileSync(path) : path;
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE")
    throw new Error("not a WAV");
  const rate = bytes.readUInt32LE(24);
  const channels = bytes.readUInt16LE(22);
  const samples = new Int16Array(
    bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + 44 + ((bytes.length - 44) & ~1)),
  );
  const peak = samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0) / 32768;
  return { rate, channels, bits: bytes.readUInt16LE(34), seconds: samples.length / rate, peak,
           riffSize: bytes.readUInt32LE(4), dataSize: bytes.readUInt32LE(40), length: bytes.length };
}

export const names = (path) => readdirSync(path).sort();
