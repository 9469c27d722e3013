// tools/embed_page.py: what becomes of a built page, before it is compiled.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { folder, root } from "./program.mjs";

const SCRIPT = "console.log('page');\n".repeat(100);
const PAGE = { "index.html": '<script src="/assets/index-B1c2D3e4.js"></script>', "assets/index-B1c2D3e4.js": SCRIPT, "favicon.svg": "<svg/>" };

// A folder with these files, embedded: {status, stderr, source, bytes, paths of both}.
function embed(t, files, place = folder(t)) {
  const [dist, missing, source, binary] = ["dist", "missing.html", "out.c", "out.bin"].map((name) => join(place, name));
  writeFileSync(missing, "<p>not built</p>");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), content);
  }
  const { status, stderr } = spawnSync(join(root, "tools", "embed_page.py"), [dist, missing, source, binary], { encoding: "utf8" });
  const isMade = status === 0;
  return { place, source, binary, status, stderr, text: isMade && readFileSync(source, "utf8"), bytes: isMade && readFileSync(binary) };
}

// The rows of the table: {path, type, isImmutable, plain, gzip} with the bytes that they point to.
function rowsOf({ text, bytes }) {
  const row = /\.path = "([^"]+)",\s*\.media_type = "([^"]+)",\s*\.is_immutable = (true|false),\s*\.plain = (\{[^}]+\}),(?:\s*\.gzip = (\{[^}]+\}),)?/g;
  const piece = (literal) => {
    const [, etag, offset, length] = /"([0-9a-f]{32})", parlando_page_bytes \+ (\d+), (\d+)/.exec(literal);
    return { etag, bytes: bytes.subarray(Number(offset), Number(offset) + Number(length)) };
  };
  return [...text.matchAll(row)].map(([, path, type, isImmutable, plain, gzip]) => ({
    path, type, isImmutable: isImmutable === "true", plain: piece(plain), gzip: gzip && piece(gzip),
  }));
}

test("a page is embedded whole, gzipped where that is smaller", (t) => {
  const rows = rowsOf(embed(t, { ...PAGE, "assets/font-AAAA_-11.woff2": "0123", "assets/index-B1c2D3e4.js.map": "{}" }));
  assert.deepEqual(rows.map(({ path, isImmutable }) => [path, isImmutable]), [
    ["assets/font-AAAA_-11.woff2", true],
    ["assets/index-B1c2D3e4.js", true],
    ["favicon.svg", false],
    ["index.html", false],
  ]);
  const [font, script, , index] = rows;
  assert.equal(script.plain.bytes.toString(), SCRIPT);
  assert.equal(gunzipSync(script.gzip.bytes).toString(), SCRIPT);
  assert.notEqual(script.gzip.etag, script.plain.etag);
  assert.equal(script.type, "text/javascript; charset=utf-8");
  assert.equal(font.plain.bytes.toString(), "0123");
  assert.equal(font.gzip, undefined, "gzip would be longer");
  assert.equal(index.plain.bytes.toString(), PAGE["index.html"]);
});

test("where there is no page the one that says so is embedded", (t) => {
  const [index, ...others] = rowsOf(embed(t, {}));
  assert.deepEqual(others, []);
  assert.equal(index.path, "index.html");
  assert.equal(index.plain.bytes.toString(), "<p>not built</p>");
});

test("outputs of the same page are left alone, so that nothing is compiled", (t) => {
  const first = embed(t, PAGE);
  const past = new Date("2020-01-01");
  for (const path of [first.source, first.binary]) utimesSync(path, past, past);
  embed(t, PAGE, first.place);
  for (const path of [first.source, first.binary]) assert.equal(statSync(path).mtimeMs, past.getTime(), path);
  const changed = embed(t, { ...PAGE, "favicon.svg": "<svg></svg>" }, first.place);
  for (const path of [first.source, first.binary]) assert.notEqual(statSync(path).mtimeMs, past.getTime(), path);
  assert.equal(rowsOf(changed).find(({ path }) => path === "favicon.svg").plain.bytes.toString(), "<svg></svg>");
});

test("what it made compiles, wherever the folder is", (t) => {
  const place = join(folder(t), 'odd "name" \\ with é');
  mkdirSync(place);
  const { source, binary, bytes } = embed(t, PAGE, place);
  const program = join(place, "program");
  const main = '#include <stdio.h>\n#include "api/page.h"\nint main(void){const struct page_file *f=page_built.files;' +
    "for(size_t i=0;i<page_built.count;i++)fwrite(f[i].plain.bytes,1,f[i].plain.length,stdout);}\n";
  writeFileSync(join(place, "main.c"), main);
  execFileSync("cc", ["-std=c17", `-I${join(root, "src")}`, "-o", program, join(place, "main.c"), source]);
  rmSync(binary);
  const all = PAGE["assets/index-B1c2D3e4.js"] + PAGE["favicon.svg"] + PAGE["index.html"];
  assert.equal(execFileSync(program).toString(), all);
  assert.ok(bytes.length < all.length * 2);
});

test("a page that is not whole or not understood is refused, by name", (t) => {
  const cut = embed(t, { "index.html": PAGE["index.html"] });
  assert.equal(cut.status, 1);
  assert.match(cut.stderr, /index\.html needs assets\/index-B1c2D3e4\.js, which is not there/);
  const odd = embed(t, { ...PAGE, "assets/film-AAAAAAAA.xyz": "?" });
  assert.equal(odd.status, 1);
  assert.match(odd.stderr, /assets\/film-AAAAAAAA\.xyz: this kind of file has no media type/);
});
