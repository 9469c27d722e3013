// `parlando transcribe` from outside. What hears needs the models and the clips of Debian's
// pocketsphinx-testdata; without them those tests are skipped, and say so.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { silence, wavOf } from "../api/real_speech.mjs";
import { folder, names, root, run, start } from "./program.mjs";

const clips = "/usr/share/pocketsphinx/test/data";
const clip = join(clips, "librivox/sense_and_sensibility_01_austen_64kb-0870.wav");
const other = join(clips, "librivox/sense_and_sensibility_01_austen_64kb-0930.wav");
const models =
  process.env.PARLANDO_MODELS ??
  join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "parlando/models");
const library = process.env.PARLANDO_ORT ?? join(root, "deps/libonnxruntime.so.1");
const env = { PARLANDO_MODELS: models, PARLANDO_ORT: library };

const missing = [
  join(models, "moonshine/decoder_model_merged.onnx"), join(models, "silero/silero_vad_v5.onnx"), library, clip,
].find((path) => !existsSync(path));
const hearing = { skip: missing ? `${missing} is not there` : false };

// What is said in the clips, as a reader would write it.
const words = (text) => text.toLowerCase().replace(/[^a-z' ]+/g, " ").split(/\s+/).filter(Boolean).join(" ");
const said = "and mr john dashwood had then leisure to consider how much there might be prudently in his power to do for them";

test("without models, it says which are missing and how to get them", async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, "a.wav"), wavOf(silence(1)));
  const { code, stderr, stdout } = await run(["transcribe", join(dir, "a.wav")], { env: { PARLANDO_MODELS: dir } });
  assert.equal(code, 4);
  assert.match(stderr, /parlando models pull moonshine-tiny/);
  assert.equal(stdout.length, 0);
});

test("wrong options are said before anything is heard", async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, "x"));
  for (const [args, what] of [
    [[], /Give a recording/],
    [["-", "-"], /once only/],
    [["a.wav", "--format", "docx"], /no format "docx"/],
    [["x/a.wav", "a.wav", "-o", `${dir}/`], /would both be written/],
    [["a.wav", "-o", "i.foo"], /i\.foo: .*none of \.txt \.json \.srt \.vtt; .*--format/],
    [["a.wav", "-o", "notes"], /--format/],
    [["a.wav", "-o", ""], /-o FILE/],
  ]) {
    const { code, stderr } = await run(["transcribe", ...args], { cwd: dir });
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, what);
  }
  const help = await run(["transcribe", "--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout.toString(), /--format/);
});

test("files that cannot be read are named before models are looked for", async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, "sub"));
  writeFileSync(join(dir, "bad.mp3"), "this is no recording");
  const env = { PARLANDO_MODELS: dir };
  const missing = await run(["transcribe", "nowhere.wav"], { cwd: dir, env });
  assert.equal(missing.code, 3, missing.stderr);
  assert.match(missing.stderr, /nowhere\.wav/);
  assert.doesNotMatch(missing.stderr, /models pull/);
  const several = await run(["transcribe", "bad.mp3", "sub", "nowhere.wav"], { cwd: dir, env });
  assert.match(several.stderr, /bad\.mp3: FFmpeg cannot read it as sound or video\.[^]*sub is not a file[^]*nowhere\.wav/);
  assert.doesNotMatch(several.stderr, /models pull/);
  writeFileSync(join(dir, "good.wav"), wavOf(silence(1)));
  const mixed = await run(["transcribe", "nowhere.wav", "good.wav"], { cwd: dir, env });
  assert.equal(mixed.code, 3, "the first error's");
  assert.match(mixed.stderr, /nowhere\.wav[^]*models pull/);
});

test("recordings that share a name but for its ending get a file each, in any order", hearing, async (t) => {
  const dir = folder(t);
  for (const name of ["a.wav", "a.flac", "b.wav"]) writeFileSync(join(dir, name), wavOf(silence(1)));
  for (const files of [["a.wav", "a.flac", "b.wav"], ["b.wav", "a.flac", "a.wav"]]) {
    const out = join(dir, files[0]) + "-texts";
    const { code, stderr } = await run(["transcribe", ...files, "-o", out, "-f", "json"], { cwd: dir, env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(names(out), ["a.flac.json", "a.wav.json", "b.json"]);
  }
});

test("a recording becomes text on standard output", hearing, async () => {
  const { code, stdout, stderr } = await run(["transcribe", clip], { env });
  assert.equal(code, 0, stderr);
  assert.equal(words(stdout.toString()), said);
  assert.match(stderr, /7\.1 s heard by moonshine-tiny/);
  const quiet = await run(["transcribe", "-q", clip], { env });
  assert.equal(quiet.stderr, "");
  assert.deepEqual(quiet.stdout, stdout);
});

test("standard input is heard as a file is", hearing, async () => {
  const { code, stdout, stderr } = await run(["transcribe", "-"], { env, input: readFileSync(clip) });
  assert.equal(code, 0, stderr);
  assert.equal(words(stdout.toString()), said);
});

test("each format, by its name or by the file's ending", hearing, async (t) => {
  const dir = folder(t);
  const srt = join(dir, "talk.srt");
  assert.equal((await run(["transcribe", clip, "-o", srt], { env })).code, 0);
  assert.match(readFileSync(srt, "utf8"), /^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\nAnd Mr\. John/);
  const vtt = await run(["transcribe", clip, "--format", "vtt"], { env });
  assert.match(vtt.stdout.toString(), /^WEBVTT\n\n00:00:00\.\d{3} --> /);
  const json = JSON.parse((await run(["transcribe", clip, "-f", "json"], { env })).stdout);
  assert.equal(words(json.text), said);
  const verbose = JSON.parse((await run(["transcribe", clip, "-f", "verbose_json"], { env })).stdout);
  assert.equal(verbose.language, "english");
  assert.ok(Math.abs(verbose.duration - 7.1) < 0.1);
  assert.equal(verbose.words_are_measured, false);
  assert.equal(words(verbose.segments.map((s) => s.text).join(" ")), said);
  assert.equal(verbose.words.length, said.split(" ").length);
  for (let i = 1; i < verbose.words.length; i++)
    assert.ok(verbose.words[i].start >= verbose.words[i - 1].end - 1e-9);
  assert.ok(verbose.words.at(-1).end <= verbose.duration);
});

test("several files into a folder; one that cannot be read stops no other", hearing, async (t) => {
  const dir = folder(t);
  const out = join(dir, "texts");
  copyFileSync(clip, join(dir, "one.wav"));
  copyFileSync(other, join(dir, "two.wav"));
  writeFileSync(join(dir, "bad.mp3"), "this is no recording");
  writeFileSync(join(dir, "empty.ogg"), "");
  const files = ["one.wav", "bad.mp3", "nowhere.wav", "empty.ogg", "two.wav"].map((name) => join(dir, name));
  const { code, stderr } = await run(["transcribe", ...files, "-o", out], { env });
  assert.equal(code, 2); // the first error's
  assert.deepEqual(names(out), ["one.txt", "two.txt"]);
  assert.equal(words(readFileSync(join(out, "one.txt"), "utf8")), said);
  for (const name of ["bad.mp3", "nowhere.wav", "empty.ogg"]) assert.match(stderr, new RegExp(`${name}`));
});

test("browsers' and telephones' recordings are heard", { skip: hearing.skip || (spawnSync("ffmpeg", ["-version"]).error && "ffmpeg is not there") }, async (t) => {
  const dir = folder(t);
  for (const [name, ...args] of [
    ["mic.webm", "-c:a", "libopus"],
    ["phone.wav", "-ar", "8000", "-ac", "2"],
    ["voice.m4a", "-c:a", "aac"],
    ["old.wav", "-ar", "8000", "-c:a", "pcm_mulaw"],
  ]) {
    const file = join(dir, name);
    execFileSync("ffmpeg", ["-v", "error", "-i", clip, ...args, file]);
    const { code, stdout, stderr } = await run(["transcribe", file], { env });
    assert.equal(code, 0, `${name}: ${stderr}`);
    const heard = words(stdout.toString()).split(" ");
    const common = said.split(" ").filter((word) => heard.includes(word)).length;
    assert.ok(common >= 18, `${name}: ${stdout}`);
  }
});

test("silence is no error and no text", hearing, async (t) => {
  const file = join(folder(t), "silence.wav");
  writeFileSync(file, wavOf(silence(3)));
  const { code, stdout, stderr } = await run(["transcribe", file], { env });
  assert.equal(code, 0, stderr);
  assert.equal(stdout.toString(), "");
  const json = JSON.parse((await run(["transcribe", file, "-f", "verbose_json"], { env })).stdout);
  assert.deepEqual([json.text, json.segments, json.words], ["", [], []]);
});

test("Ctrl-C ends it at once and leaves nothing", hearing, async (t) => {
  const dir = folder(t);
  const once1 = readFileSync(clip).subarray(44);
  const header = Buffer.from(readFileSync(clip).subarray(0, 44));
  const talk = Buffer.concat([header, ...Array.from({ length: 300 }, () => once1)]);
  talk.writeUInt32LE(talk.length - 8, 4);
  talk.writeUInt32LE(talk.length - 44, 40);
  writeFileSync(join(dir, "talk.wav"), talk);
  const { child, done } = start(["transcribe", join(dir, "talk.wav"), "-o", join(dir, "talk.txt")], { env });
  await once(child.stderr, "data"); // the first line of progress
  child.kill("SIGINT");
  const { code, stderr } = await done;
  assert.equal(code, 130, stderr);
  assert.deepEqual(names(dir), ["talk.wav"]);
});
