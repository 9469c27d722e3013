import assert from "node:assert/strict";
import { test } from "node:test";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { folder, program, root, run } from "./program.mjs";

const commands = ["serve", "say", "narrate", "text", "models", "bench"];

test("--help lists the commands, and each command's help has options and examples", async () => {
  const help = await run(["--help"]);
  assert.equal(help.code, 0);
  for (const name of commands) {
    assert.match(help.stdout.toString(), new RegExp(`^  ${name} `, "m"));
    const { code, stdout } = await run([name, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /Usage: parlando/);
    assert.match(stdout.toString(), /Examples:\n {2}parlando/);
    for (const line of stdout.toString().split("\n")) assert.ok(line.length <= 100, line);
  }
});

test("--version prints name and version", async () => {
  const { code, stdout } = await run(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout.toString(), /^parlando \d+\.\d+\.\d+\n$/);
});

test("no command and an unknown command are usage errors", async () => {
  assert.equal((await run([])).code, 2);
  const { code, stderr } = await run(["sing"]);
  assert.equal(code, 2);
  assert.match(stderr, /no command "sing"/);
});

test("text shows the reading, a line a sentence", async () => {
  const { code, stdout } = await run(["text", "Dr. Lee paid $5.50. It was May 3rd."]);
  assert.equal(code, 0);
  assert.equal(stdout.toString(), "Doctor Lee paid five dollars and fifty cents.\nIt was May third.\n");
});

test("text shows phonemes and tokens of the same length", async () => {
  const phonemes = (await run(["text", "--phonemes", "Hello, world."])).stdout.toString().trim();
  const tokens = (await run(["text", "--tokens", "Hello, world."])).stdout.toString().trim();
  assert.match(phonemes, /ˈ/);
  assert.equal([...phonemes].length, tokens.split(" ").length);
});

test("text --json places each word in the input", async () => {
  const input = "It cost $5 today.";
  const { stdout } = await run(["text", "--json", input]);
  const row = JSON.parse(stdout.toString());
  const words = row.words.map((w) => input.slice(w.input_start, w.input_end).replace(/\W+$/, ""));
  assert.equal(words[0], "It");
  assert.equal(words.at(-1), "today");
  assert.ok(row.words.some((w) => input.slice(w.input_start, w.input_end).startsWith("$5")));
});

test("an unknown language is named", async () => {
  const { code, stderr } = await run(["text", "--phonemes", "--lang", "xx-yy", "Hi"]);
  assert.equal(code, 2);
  assert.match(stderr, /xx-yy/);
});

test("a lexicon changes the reading, and its bad line is named by number", async (t) => {
  const dir = folder(t);
  const file = join(dir, "lexicon.tsv");
  writeFileSync(file, "# mine\nSQL\tsequel\n");
  const plain = await run(["text", "-p", "SQL works."]);
  const { stdout } = await run(["text", "-p", "--lexicon", file, "SQL works."]);
  assert.notEqual(stdout.toString(), plain.stdout.toString());
  assert.match(stdout.toString(), /sˈiː?kw/);
  writeFileSync(file, "SQL\tsequel\nno replacement\n");
  const { code, stderr } = await run(["text", "-p", "--lexicon", file, "SQL works."]);
  assert.equal(code, 2);
  assert.match(stderr, /line 2/);
});

test("bench measures the engine that is there", async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, "t.txt"), "A short text. It has two sentences.");
  const { code, stdout, stderr } = await run(["bench", "--engine", "espeak", "--json", "-q", "--file", join(dir, "t.txt")]);
  assert.equal(code, 0, stderr);
  const row = JSON.parse(stdout.toString());
  assert.equal(row.engine, "espeak");
  assert.ok(row.text_audio_s > 1 && row.text_work_s > 0 && row.peak_memory_mb > 1);
});

test("models list names every entry's licence and languages, and its state", async (t) => {
  const dir = folder(t);
  const { code, stdout, stderr } = await run(["models", "list", "--json"], { env: { PARLANDO_MODELS: dir } });
  assert.equal(code, 0, stderr);
  const rows = JSON.parse(stdout.toString());
  const list = Array.isArray(rows) ? rows : rows.models;
  const ids = list.map((row) => row.id);
  for (const id of ["kokoro", "kokoro-fp16", "kokoro-q8", "kokoro-v0_19", "kokoro-voices", "moonshine-tiny", "silero-vad"])
    assert.ok(ids.includes(id), `${id} is missing`);
  assert.ok(ids.filter((id) => id.startsWith("piper-")).length >= 10);
  assert.ok(ids.filter((id) => id.startsWith("kitten-")).length >= 4);
  for (const row of list) {
    assert.ok(row.licence && row.languages, row.id);
    assert.equal(row.state, "absent", row.id);
  }
});

test("models refuses an unknown id and prints its folder", async (t) => {
  const dir = folder(t);
  const env = { PARLANDO_MODELS: dir };
  const unknown = await run(["models", "pull", "kokro"], { env });
  assert.ok(unknown.code > 0);
  assert.match(unknown.stderr, /kokro/);
  assert.match(unknown.stderr, /kokoro/);
  assert.equal((await run(["models", "path"], { env })).stdout.toString().trim(), dir);
});

test("a model that several need is said to be there once", async (t) => {
  const dir = folder(t);
  const file = (path) => ({ path, size: 3, sha256: "0".repeat(64), sources: [{ https: "http://127.0.0.1:1/" }] });
  const entry = (id, needs) =>
    ({ id, engine: "piper", name: id, licence: "MIT", languages: "en", default: true, needs, files: [file(`${id}.bin`)] });
  const models = [entry("one", ["shared"]), entry("two", ["shared"]), entry("shared", [])];
  for (const { id } of models) writeFileSync(join(dir, `${id}.bin`), "abc");
  writeFileSync(join(dir, "catalogue.json"), JSON.stringify({ packages: {}, models }));
  const env = { PARLANDO_MODELS: dir, PARLANDO_CATALOGUE: join(dir, "catalogue.json") };
  const { code, stderr } = await run(["models", "pull"], { env });
  assert.equal(code, 0, stderr);
  const told = [...stderr.matchAll(/(\w+) is there already\./g)].map(([, id]) => id);
  assert.deepEqual(told.sort(), ["one", "shared", "two"], stderr);
});

test("output that cannot be written is an error, not a short success", async () => {
  for (const args of [["text", "Hello."], ["models", "list"], ["models", "list", "--json"]]) {
    const { code, stderr } = await run(args, { stdout: openSync("/dev/full", "w") });
    assert.equal(code, 6, args.join(" "));
    assert.match(stderr, /standard output/);
  }
});

test("a hangup that nohup has it ignore does not end it", async (t) => {
  const dir = folder(t);
  const fifo = join(dir, "text");
  execFileSync("mkfifo", [fifo]);
  const child = spawn("sh", ["-c", 'trap "" HUP; exec "$0" text --file "$1"', program, fifo]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  const text = openSync(fifo, "w"); // returns when the program reads, so its signals are set up
  process.kill(child.pid, "SIGHUP");
  writeSync(text, "Still here. ".repeat(200));
  closeSync(text);
  assert.equal(await ended, 0);
});

test("a command that takes options only refuses a word", async () => {
  for (const args of [["bench", "story.txt"], ["models", "list", "kokoro"]]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /takes options only/);
  }
});

test("a phoneme mapping is Kokoro's, and no other engine minds it", async () => {
  const env = { PARLANDO_PHONEME_MAPPING: "misaki" };
  const { code, stderr } = await run(["say", "-q", "Hello.", "-o", "-"], { env });
  assert.equal(code, 0, stderr);
  const none = await run(["text", "--phoneme-mapping", "piper", "Hello."]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /espeak, misaki or ipa/);
});

test("without eSpeak's data the message says what to install", async () => {
  const { code, stderr } = await run(["text", "-p", "Hi"], { env: { ESPEAK_DATA_PATH: "/nonexistent" } });
  assert.equal(code, 4);
  assert.match(stderr, /espeak-ng-data.*ESPEAK_DATA_PATH/s);
});

test("English rules are for English: other languages reach eSpeak as they are", async () => {
  const { stdout } = await run(["text", "--lang", "fr", "Il a 3 pommes, 50 % de lait."]);
  assert.equal(stdout.toString(), "Il a 3 pommes, 50 % de lait.\n");
});

test("every exit code the README lists is the program's", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 130]) assert.match(readme, new RegExp(`^\\| ${code} \\|`, "m"));
});
