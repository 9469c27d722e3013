import assert from "node:assert/strict";
import { test } from "node:test";
import { once } from "node:events";
import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, names, root, run, start, wav } from "./program.mjs";

const espeak = ["--engine", "espeak"];
const story = join(root, "examples", "story.txt");
const wavs = (dir) => names(dir).filter((name) => name.endsWith(".wav"));

test("a story becomes one WAV a segment, a playlist and subtitles", async (t) => {
  const dir = folder(t);
  const { code, stdout, stderr } = await run(["narrate", story, "-o", dir, ...espeak]);
  assert.equal(code, 0, stderr);
  const files = wavs(dir);
  assert.ok(files.length >= 5);
  const total = files.reduce((sum, name) => sum + wav(join(dir, name)).seconds, 0);
  const playlist = names(dir).find((name) => /\.m3u8?$/.test(name));
  const entries = readFileSync(join(dir, playlist), "utf8").split("\n").filter((l) => l && !l.startsWith("#"));
  assert.deepEqual(entries, files);
  const srt = readFileSync(join(dir, "story.srt"), "utf8");
  const times = [...srt.matchAll(/(\d+):(\d\d):(\d\d),(\d{3})/g)].map((m) => +m[1] * 3600 + +m[2] * 60 + +m[3] + +m[4] / 1000);
  assert.ok(times.length > 10);
  for (let i = 1; i < times.length; i++) assert.ok(times[i] >= times[i - 1] - 1e-9, "times go back");
  assert.ok(times.at(-1) <= total + 0.01);
  for (const name of files) assert.match(stdout.toString(), new RegExp(name.replaceAll(".", "\\.")));
  assert.deepEqual(names(dir).filter((name) => name.endsWith(".part")), []);
});

test("a second run does nothing; a changed segment alone is spoken again", async (t) => {
  const dir = folder(t);
  const text = join(dir, "s.txt");
  const out = join(dir, "out");
  writeFileSync(text, "First part.\n\nSecond part.\n\nThird part.\n");
  await run(["narrate", text, "-o", out, ...espeak]);
  const old = new Date(Date.now() - 60000);
  for (const name of wavs(out)) utimesSync(join(out, name), old, old);
  const again = await run(["narrate", text, "-o", out, ...espeak]);
  assert.equal(again.code, 0, again.stderr);
  const age = (name) => Date.now() - statSync(join(out, name)).mtimeMs;
  for (const name of wavs(out)) assert.ok(age(name) > 50000, `${name} was written again`);
  writeFileSync(text, "First part.\n\nSecond part, changed.\n\nThird part.\n");
  await run(["narrate", text, "-o", out, ...espeak]);
  assert.equal(wavs(out).filter((name) => age(name) < 50000).length, 1);
  assert.equal(wavs(out).length, 3);
});

test("killed in the middle, it continues where it was", async (t) => {
  const dir = folder(t);
  const text = join(dir, "s.txt");
  const out = join(dir, "out");
  const part = (n) => `Part number ${n}. ${"It has a few more words to speak. ".repeat(300)}`;
  writeFileSync(text, Array.from({ length: 12 }, (_, n) => part(n + 1)).join("\n\n"));
  const { child, done } = start(["narrate", text, "-o", out, ...espeak]);
  for (;;) {
    await once(child.stderr, "data");
    try {
      if (wavs(out).length >= 2) break;
    } catch {} // the folder is not there yet
  }
  child.kill("SIGKILL");
  await done;
  const before = wavs(out).filter((name) => wav(join(out, name)).dataSize + 44 === statSync(join(out, name)).size);
  assert.equal(before.length, wavs(out).length, "a half file is visible");
  const stamps = new Map(before.map((name) => [name, statSync(join(out, name)).mtimeMs]));
  const { code, stderr } = await run(["narrate", text, "-o", out, ...espeak]);
  assert.equal(code, 0, stderr);
  assert.equal(wavs(out).length, 12);
  const kept = [...stamps].filter(([name, time]) => statSync(join(out, name)).mtimeMs === time).length;
  assert.ok(kept >= stamps.size - 1, "finished segments were spoken again");
  assert.deepEqual(names(out).filter((name) => name.endsWith(".part")), []);
});

test("Ctrl-C keeps whole segments and leaves no half file", async (t) => {
  const dir = folder(t);
  const text = join(dir, "s.txt");
  const out = join(dir, "out");
  writeFileSync(text, Array.from({ length: 40 }, (_, n) => `Part ${n}. ${"More words. ".repeat(2000)}`).join("\n\n"));
  const { child, done } = start(["narrate", text, "-o", out, ...espeak]);
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const { code } = await done;
  assert.equal(code, 130);
  for (const name of wavs(out)) assert.equal(wav(join(out, name)).dataSize + 44, statSync(join(out, name)).size);
  assert.deepEqual(names(out).filter((name) => name.endsWith(".part")), []);
});

test("--m4b makes one file with chapters", async (t) => {
  const dir = folder(t);
  const { code, stderr } = await run(["narrate", story, "-o", dir, "--m4b", ...espeak]);
  assert.equal(code, 0, stderr);
  const book = names(dir).filter((name) => name.endsWith(".m4b"));
  assert.equal(book.length, 1);
  const bytes = readFileSync(join(dir, book[0]));
  assert.equal(bytes.toString("latin1", 4, 8), "ftyp");
  assert.ok(bytes.includes("chpl") || bytes.includes("text"), "no chapters");
});

test("a folder with another story is refused, and nothing is told about recordings", async (t) => {
  const dir = folder(t);
  const out = join(dir, "out");
  writeFileSync(join(dir, "one.txt"), "Title: One\n\nThe first story.\n");
  writeFileSync(join(dir, "two.txt"), "Title: Two\n\nThe second story.\n");
  assert.equal((await run(["narrate", join(dir, "one.txt"), "-o", out, ...espeak])).code, 0);
  const before = names(out);
  for (const options of [[], ["--json"]]) {
    const { code, stdout, stderr } = await run(["narrate", join(dir, "two.txt"), "-o", out, ...options, ...espeak]);
    assert.equal(code, 2);
    assert.match(stderr, /another story, "One".*--force/s);
    assert.equal(stdout.toString(), "");
  }
  assert.deepEqual(names(out), before);
});

const wrong = [
  ["an empty story", "s.txt", "", 2, /no|empty|nothing/i],
  ["broken JSON", "s.json", '{"title": "x",\n"segments": [', 2, /line 2/],
  ["JSON of another shape", "s.json", '{"title": "x"}', 2, /segments/],
  ["an EPUB that is no ZIP", "s.epub", "Just text.\n", 5, /s\.epub is not an EPUB \(no ZIP file\)/],
  ["a ZIP that is no EPUB", "s.epub", "PK\u0003\u0004 nonsense", undefined, /s\.epub|EPUB/],
];
for (const [name, file, content, expected, message] of wrong) {
  test(`refused: ${name}`, async (t) => {
    const dir = folder(t);
    writeFileSync(join(dir, file), content);
    const { code, stderr } = await run(["narrate", file, "-o", "out", ...espeak], { cwd: dir });
    assert.ok(code > 0 && code < 126, `exit code ${code}`);
    if (expected !== undefined) assert.equal(code, expected, stderr);
    assert.match(stderr, message);
    assert.deepEqual(names(dir), [file]);
  });
}
