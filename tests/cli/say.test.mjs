import assert from "node:assert/strict";
import { test } from "node:test";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { folder, names, run, start, wav } from "./program.mjs";

const espeak = ["--engine", "espeak"];

test("say writes a peak-normalised 16-bit WAV and nothing else", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "Hello, world. This is Parlando.", "-o", "a.wav", ...espeak], { cwd: dir });
  assert.equal(code, 0, stderr);
  const facts = wav(join(dir, "a.wav"));
  assert.equal(facts.bits, 16);
  assert.equal(facts.channels, 1);
  assert.equal(facts.dataSize, facts.length - 44);
  assert.ok(facts.seconds > 1.2 && facts.seconds < 6, `${facts.seconds} s`);
  assert.ok(Math.abs(facts.peak - 0.8913) < 0.001, `peak ${facts.peak}`);
  assert.deepEqual(names(dir), ["a.wav"]);
  assert.match(stderr, /by espeak/);
});

test("each format by the file's ending", async (t) => {
  const magic = {
    "a.mp3": (b) => (b[0] === 0xff && (b[1] & 0xe0) === 0xe0) || b.toString("latin1", 0, 3) === "ID3",
    "a.opus": (b) => b.toString("latin1", 0, 4) === "OggS" && b.includes("OpusHead"),
    "a.aac": (b) => b[0] === 0xff && (b[1] & 0xf6) === 0xf0,
    "a.flac": (b) => b.toString("latin1", 0, 4) === "fLaC",
    "a.m4b": (b) => b.toString("latin1", 4, 8) === "ftyp",
    "a.pcm": (b) => b.length > 20000 && b.length % 2 === 0,
  };
  for (const [name, check] of Object.entries(magic)) {
    const dir = folder(t);
    const { code, stderr } = await run(["say", "One two three.", "-o", name, ...espeak], { cwd: dir });
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.ok(check(readFileSync(join(dir, name))), `${name} has the wrong content`);
    assert.deepEqual(names(dir), [name]);
  }
});

test("standard input to standard output streams one WAV", async () => {
  const { code, stdout } = await run(["say", "-", "-o", "-", ...espeak], { input: "Dinner is ready." });
  assert.equal(code, 0);
  assert.ok(wav(stdout).seconds > 0.5);
});

test("what cannot be spoken writes nothing to standard output", async () => {
  for (const format of ["wav", "mp3", "flac", "opus"]) {
    const { code, stdout, stderr } = await run(["say", "-", "-f", format, ...espeak], { input: "" });
    assert.equal(code, 2, `${format}: ${stderr}`);
    assert.match(stderr, /nothing to speak/i);
    assert.equal(stdout.length, 0, format);
  }
  const pause = await run(["say", "[pause:0.5s]", "-f", "wav", ...espeak]);
  assert.equal(pause.code, 0, pause.stderr);
  assert.ok(Math.abs(wav(pause.stdout).seconds - 0.5) < 0.01, "a rest is sound, too");
});

test("the help and the refusal name every format", async () => {
  const help = (await run(["say", "--help"])).stdout.toString();
  const { stderr } = await run(["say", "Hi.", "-o", "a.wav", "-f", "xyz", ...espeak]);
  for (const format of ["wav", "mp3", "opus", "aac", "flac", "pcm", "m4b"]) {
    assert.match(help, new RegExp(`--format[^\\n]*${format}`));
    assert.match(stderr, new RegExp(`\\b${format}\\b`));
  }
});

test("the speed changes the length", async (t) => {
  const dir = folder(t);
  for (const speed of ["0.5", "2"])
    await run(["say", "A sentence of seven words, no more.", "-s", speed, "-o", `${speed}.wav`, ...espeak], { cwd: dir });
  const slow = wav(join(dir, "0.5.wav")).seconds;
  const fast = wav(join(dir, "2.wav")).seconds;
  assert.ok(slow / fast > 2.5, `${slow} s against ${fast} s`);
});

test("a pause is as long as asked for, at the start too", async (t) => {
  const dir = folder(t);
  await run(["say", "Go.", "-o", "0.wav", ...espeak], { cwd: dir });
  await run(["say", "[pause:2s] Go.", "-o", "2.wav", ...espeak], { cwd: dir });
  await run(["say", 'Go. <break time="1500ms"/>', "-o", "15.wav", ...espeak], { cwd: dir });
  const plain = wav(join(dir, "0.wav")).seconds;
  assert.ok(Math.abs(wav(join(dir, "2.wav")).seconds - plain - 2) < 0.15);
  assert.ok(Math.abs(wav(join(dir, "15.wav")).seconds - plain - 1.5) < 0.3);
});

test("a text file is read, and an existing output is replaced whole", async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, "t.txt"), "\uFEFFA letter.\r\n\r\nIts second paragraph.\r\n");
  writeFileSync(join(dir, "a.wav"), "old");
  const { code, stderr } = await run(["say", "--file", "t.txt", "-o", "a.wav", ...espeak], { cwd: dir });
  assert.equal(code, 0, stderr);
  assert.ok(wav(join(dir, "a.wav")).seconds > 1);
});

test("speaking leaves nothing in the home folder", async (t) => {
  const home = folder(t);
  const dir = folder(t);
  const { code, stderr } = await run(["say", "Hi.", "-o", "a.wav", ...espeak], { cwd: dir, env: { HOME: home } });
  assert.equal(code, 0, stderr);
  assert.deepEqual(names(home), []);
});

test("an hour of pauses is the most one text may have", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "Hi." + "[pause:60s]".repeat(61), "-o", "a.wav", ...espeak], { cwd: dir });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /pauses.*3600 s/);
  assert.deepEqual(names(dir), []);
});

// Each wrong input: a clear message, its exit code, and nothing left behind.
const wrong = [
  ["no text", ["say", "", "-o", "a.wav", ...espeak], 2, /nothing to speak/i],
  ["blanks only", ["say", "  \n\t ", "-o", "a.wav", ...espeak], 2, /nothing to speak/i],
  ["emoji only", ["say", "🎉🎉👍🏽", "-o", "a.wav", ...espeak], 2, /nothing to speak/i],
  ["punctuation only", ["say", "... !?", "-o", "a.wav", ...espeak], 2, /nothing to speak/i],
  ["speed 9", ["say", "Hi.", "-s", "9", "-o", "a.wav", ...espeak], 2, /speed must be a number from 0\.5 to 2/],
  ["speed x", ["say", "Hi.", "-s", "x", "-o", "a.wav", ...espeak], 2, /speed/],
  ["no such engine", ["say", "Hi.", "--engine", "hal", "-o", "a.wav"], 2, /no engine "hal".*kokoro/],
  ["no such option", ["say", "Hi.", "--sped", "1", "-o", "a.wav"], 2, /no option --sped/],
  ["an option without its value", ["say", "Hi.", "-o"], 2, /needs a value/],
  ["an unknown ending", ["say", "Hi.", "-o", "a.xyz", ...espeak], 2, /--format/],
  ["an unknown format", ["say", "Hi.", "-o", "a.wav", "-f", "xyz", ...espeak], 2, /no format "xyz"/],
  ["a pause too long", ["say", "[pause:99s] Hi.", "-o", "a.wav", ...espeak], 2, /pause/],
  ["a missing text file", ["say", "--file", "none.txt", "-o", "a.wav", ...espeak], 3, /none\.txt/],
  ["a missing output folder", ["say", "Hi.", "-o", "no/where/a.wav", ...espeak], 3, /no\/where\/a\.wav/],
  ["a folder one cannot write to", ["say", "Hi.", "-o", "/proc/a.wav", ...espeak], undefined, /\/proc\/a\.wav/],
  ["kokoro without a model", ["say", "Hi.", "--engine", "kokoro", "-o", "a.wav"], 4, /parlando models pull kokoro/],
  ["a missing model file", ["say", "Hi.", "--engine", "kokoro", "--model", "none.onnx", "-o", "a.wav"], undefined, /none\.onnx/],
  ["a missing lexicon", ["say", "Hi.", "--lexicon", "none.tsv", "-o", "a.wav", ...espeak], 3, /none\.tsv/],
  ["M4B to standard output", ["say", "Hi.", "-o", "-", "-f", "m4b", ...espeak], 2, /streamed/],
];
for (const [name, args, expected, message] of wrong) {
  test(`refused: ${name}`, async (t) => {
    const dir = folder(t);
    const { code, stderr } = await run(args, { cwd: dir });
    assert.match(stderr, message);
    assert.ok(code > 0 && code < 126, `exit code ${code}`);
    if (expected !== undefined) assert.equal(code, expected, stderr);
    assert.deepEqual(names(dir), []);
  });
}

test("refused: invalid UTF-8, with the byte's place", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "-", "-o", "a.wav", ...espeak],
    { cwd: dir, input: Buffer.from([0x48, 0x69, 0xff, 0x2e]) });
  assert.equal(code, 2);
  assert.match(stderr, /UTF-8.*offset 2/);
  assert.deepEqual(names(dir), []);
});

test("refused: more text than the limit", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "-", "-o", "a.wav", ...espeak], { cwd: dir, input: "word ".repeat(1 << 20) });
  assert.equal(code, 2);
  assert.match(stderr, /larger than/);
  assert.deepEqual(names(dir), []);
});

test("a long text without a full stop is spoken", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "-", "-o", "a.wav", ...espeak], { cwd: dir, input: "on and ".repeat(8000) });
  assert.equal(code, 0, stderr);
  assert.ok(wav(join(dir, "a.wav")).seconds > 600);
});

test("an unknown voice is a warning and the default voice speaks", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["say", "Hi there.", "-v", "zz_nobody", "-o", "a.wav", ...espeak], { cwd: dir });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /zz_nobody/);
  assert.ok(existsSync(join(dir, "a.wav")));
});

test("a full disk is an error of its own and leaves nothing", { skip: !existsSync("/dev/full") }, async () => {
  const full = openSync("/dev/full", "w");
  const { code, stderr } = await run(["say", "Hello.", "-o", "-", ...espeak], { stdout: full });
  closeSync(full);
  assert.equal(code, 6);
  assert.match(stderr, /No space left/);
});

test("without ONNX Runtime the program speaks with espeak and says what is missing", async (t) => {
  const dir = folder(t);
  const env = { PARLANDO_ONNXRUNTIME: "/nonexistent/libonnxruntime.so" };
  const auto = await run(["say", "Hello.", "-o", "a.wav"], { cwd: dir, env });
  assert.equal(auto.code, 0, auto.stderr);
  assert.match(auto.stderr, /by espeak/);
  const named = await run(["say", "Hello.", "--engine", "kokoro", "-o", "b.wav"], { cwd: dir, env });
  assert.equal(named.code, 4);
  assert.deepEqual(names(dir), ["a.wav"]);
});

test("Ctrl-C ends in order and leaves no half file", async (t) => {
  const dir = folder(t);
  const { child, done } = start(["say", "-", "-o", "a.wav", ...espeak], { cwd: dir, input: "This goes on. ".repeat(100000) });
  await once(child.stderr, "data"); // the first progress line: it is speaking
  child.kill("SIGINT");
  const { code } = await done;
  assert.equal(code, 130);
  assert.deepEqual(names(dir), []);
});

test("a reader that goes away ends the stream without a crash", async () => {
  const { child, done } = start(["say", "-", "-o", "-", ...espeak], { input: "This goes on. ".repeat(20000) });
  await once(child.stdout, "data");
  child.stdout.destroy();
  const { code, signal } = await done;
  assert.equal(signal, null);
  assert.equal(code, 6);
});

test("a config file and variables are read, flags win, and mistakes are named", async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, "config.json"), '{"engine": "espeak"}');
  const env = { PARLANDO_CONFIG: join(dir, "config.json") };
  const file = await run(["say", "Hi.", "-o", "a.wav"], { cwd: dir, env });
  assert.match(file.stderr, /by espeak/);
  const variable = await run(["say", "Hi.", "-o", "a.wav"], { cwd: dir, env: { ...env, PARLANDO_ENGINE: "kokoro" } });
  assert.equal(variable.code, 4);
  const flag = await run(["say", "Hi.", "-o", "a.wav", ...espeak], { cwd: dir, env: { ...env, PARLANDO_ENGINE: "kokoro" } });
  assert.equal(flag.code, 0);
  writeFileSync(join(dir, "config.json"), '{"enigne": "espeak"}');
  const typo = await run(["say", "Hi.", "-o", "a.wav"], { cwd: dir, env });
  assert.equal(typo.code, 2);
  assert.match(typo.stderr, /config\.json.*no setting "enigne"/);
  mkdirSync(join(dir, "x"));
  const number = await run(["say", "Hi.", "-o", "a.wav"], { cwd: dir, env: { PARLANDO_THREADS: "many" } });
  assert.equal(number.code, 2);
  assert.match(number.stderr, /PARLANDO_THREADS.*threads/);
});
