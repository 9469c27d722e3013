import assert from "node:assert/strict";
import { after, test } from "node:test";
import { epub } from "./fixtures.mjs";
import { serve } from "./server.mjs";

const server = await serve({ after });

// A file in a form, as a page's file picker sends it.
const asForm = (filename, bytes, fields = {}) =>
  server.upload("/api/projects/import/", [
    { name: "file", filename, type: "application/octet-stream", bytes },
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
  ]);

// The bytes alone, as curl --data-binary sends them.
const asBody = (type, body, query = "") =>
  server.request("POST", `/api/projects/import/${query}`, { body, headers: { "Content-Type": type } });

async function texts(answer) {
  assert.equal(answer.status, 201, answer.text);
  const project = await server.project(answer.json.id);
  assert.equal(answer.json.segment_count, project.segments.length);
  project.segments.forEach(({ sequence_index }, i) => assert.equal(sequence_index, i));
  return project;
}

test("JSON: title, segments in order, prompts", async () => {
  const project = await texts(
    await server.post("/api/projects/import/", {
      title: "The Lamp",
      segments: [
        { text_content: "It was dark.", image_prompt: "a dark sea" },
        { text_content: "  Then it was not.  " },
        { text_content: "Ünïcödé 灯台 🎙️", image_prompt: null },
      ],
    }),
  );
  assert.equal(project.title, "The Lamp");
  assert.deepEqual(project.segments.map((s) => s.text_content), ["It was dark.", "Then it was not.", "Ünïcödé 灯台 🎙️"]);
  assert.deepEqual(project.segments.map((s) => s.image_prompt), ["a dark sea", "", ""]);
  for (const segment of project.segments) {
    assert.equal(segment.project, project.id);
    assert.equal(segment.audio_file, null);
    assert.equal(segment.image_file, null);
    assert.equal(segment.is_locked, false);
    assert.equal(segment.audio_stale, false);
  }
});

test("JSON: what is wrong is named with its place", async () => {
  const good = { text_content: "Fine." };
  const bad = [
    [{}, /segments|title/],
    [{ title: "x" }, /segments/],
    [{ title: "x", segments: [] }, /segments|no text|nothing/i],
    [{ title: "x", segments: "text" }, /segments/],
    [{ title: "x", segments: [good, "text"] }, /segment 2|\b1\b|\b2\b/],
    [{ title: "x", segments: [good, good, {}] }, /3.*text_content|text_content.*3/],
    [{ title: "x", segments: [{ text_content: "" }] }, /1.*text_content|text_content.*1/],
    [{ title: "x", segments: [{ text_content: "  \n " }] }, /text_content/],
    [{ title: "x", segments: [{ text_content: 5 }] }, /text_content/],
    [{ title: "x", segments: [{ text_content: "x", image_prompt: 5 }] }, /image_prompt/],
    [{ title: 5, segments: [good] }, /title/],
    [{ title: "", segments: [good] }, /title/],
    [{ title: "x".repeat(501), segments: [good] }, /title/],
  ];
  const before = (await server.get("/api/projects/")).json.length;
  for (const [body, names] of bad) {
    const answer = await server.post("/api/projects/import/", body);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, names, JSON.stringify(body));
  }
  assert.equal((await server.get("/api/projects/")).json.length, before, "nothing is imported by halves");
});

const story = "Title: The Lighthouse\n\nThe lamp had burned for years.\nNobody knew why.\n\nThen it went out.\n";
const blocks = "Text: The lamp burned.\nPrompt: a lighthouse\n\nPrompt: night\nText: Then it went out.\nFor good.\n";
const markdown = "# The Lighthouse\n\nThe *lamp* burned.\n\n## After\n\nThen it went out.\n";

test("text is split at blank lines; a title line names it", async () => {
  for (const answer of [await asForm("story.txt", story), await asBody("text/plain; charset=utf-8", story)]) {
    const project = await texts(answer);
    assert.equal(project.title, "The Lighthouse");
    assert.deepEqual(project.segments.map((s) => s.text_content), [
      "The lamp had burned for years.\nNobody knew why.",
      "Then it went out.",
    ]);
  }
});

test("text without a title line is named by its file, or by the field or query", async () => {
  assert.equal((await texts(await asForm("My story.txt", "Only this."))).title, "My story");
  assert.equal((await texts(await asForm("My story.txt", "Only this.", { title: "Named" }))).title, "Named");
  assert.equal((await texts(await asBody("text/plain", "Only this.", "?title=Asked%20for"))).title, "Asked for");
  assert.ok((await texts(await asBody("text/plain", "Only this."))).title.length > 0);
});

test("Text: and Prompt: blocks keep their pictures' prompts, in either order", async () => {
  const project = await texts(await asForm("story.txt", blocks));
  assert.deepEqual(project.segments.map((s) => s.text_content.trim()), ["The lamp burned.", "Then it went out.\nFor good."]);
  assert.deepEqual(project.segments.map((s) => s.image_prompt), ["a lighthouse", "night"]);
});

test("Markdown headings become chapters", async () => {
  for (const answer of [await asForm("story.md", markdown), await asBody("text/markdown", markdown)]) {
    const project = await texts(answer);
    assert.equal(project.title, "The Lighthouse");
    assert.equal(project.segments.length, 2);
    assert.match(project.segments[0].text_content, /The lamp burned\./);
    assert.equal(project.segments[1].chapter, "After");
  }
});

test("an EPUB is read in the order of its spine", async () => {
  const book = epub("A Book", [["One", "First &amp; foremost.", "Second."], ["Two", "Third."]]);
  for (const answer of [await asForm("book.epub", book), await asBody("application/epub+zip", book)]) {
    const project = await texts(answer);
    assert.equal(project.title, "A Book");
    assert.equal(project.author, "A. Writer");
    const all = project.segments.map((s) => s.text_content).join("|");
    assert.match(all, /First & foremost\..*Second\..*Third\./s);
    assert.equal(project.segments.at(-1).chapter, "Two");
  }
});

test("files with odd but legal names, types and marks are read by content", async () => {
  const cases = [
    ["Café 灯台.txt", story],
    ["no-extension", story],
    ["bom.txt", "\ufeff" + story],
    ["crlf.txt", story.replaceAll("\n", "\r\n")],
    ["book.bin", epub("A Book", [["One", "Text."]])],
    ["STORY.JSON", JSON.stringify({ title: "J", segments: [{ text_content: "Text." }] })],
    ["../../escape.txt", story],
    ["a\\\\b.txt", story],
  ];
  for (const [name, bytes] of cases) await texts(await asForm(name, bytes));
});

test("bad files are refused, with the line when there is one", async () => {
  const bad = [
    ["empty.txt", "", 400, /empty\.txt is empty/],
    ["text.epub", "Just text.\n", 400, /text\.epub is not an EPUB \(no ZIP file\)/],
    ["blank.txt", "\n \n\n", 400, /no text|nothing/i],
    ["marks.txt", "* * *\n\n---\n", 400, /no text|nothing/i],
    ["latin1.txt", Buffer.from("one\ntwo\ncaf\xe9\n", "latin1"), 400, /line 3/i],
    ["zero.txt", "one\n\ntwo\0\n", 400, /line 3/i],
    ["utf16.txt", Buffer.from("\ufeffone\n", "utf16le"), 400, /UTF-16/],
    ["blocks.txt", "Text: Good.\n\nPrompt: a picture\n\nText: More.\nPrompt: b\nPrompt: lonely\n", 400, /line 7/i],
    ["empty-text.txt", "Text: Good.\n\nText:\nPrompt: a\n", 400, /line 3/i],
    ["story.json", '{"title": "x",\n "segments": [\n{"text_content": }]}', 400, /line 3/i],
    ["book.epub", epub("B", [["One", "Text."]]).subarray(0, 200), 400, /.*/],
    ["picture.epub", "PK\x03\x04 not really", 400, /.*/],
  ];
  for (const [name, bytes, status, names] of bad) {
    const answer = await asForm(name, bytes);
    assert.equal(answer.status, status, `${name}: ${answer.text}`);
    assert.match(answer.text, names, name);
  }
});

test("a form without a file, and a type nobody imports, are refused", async () => {
  const empty = await server.upload("/api/projects/import/", [{ name: "title", value: "x" }]);
  assert.equal(empty.status, 400);
  const book = await asBody("application/epub+zip", "Just text.");
  assert.equal(book.status, 400);
  assert.match(book.text, /not an EPUB \(no ZIP file\)/);
  const image = await asBody("image/png", "x");
  assert.ok([400, 415].includes(image.status), image.text);
});

test("fields may stand behind the file", async () => {
  const answer = await server.upload("/api/projects/import/", [
    { name: "file", filename: "s.txt", type: "text/plain", bytes: "Only this." },
    { name: "title", value: "Behind — 灯" },
  ]);
  assert.equal((await texts(answer)).title, "Behind — 灯");
  const before = await server.upload("/api/projects/import/", [
    { name: "title", value: "Before" },
    { name: "file", filename: "s.txt", type: "text/plain", bytes: "Only this." },
  ]);
  assert.equal((await texts(before)).title, "Before");
});

test("a body without a length is taken too", async () => {
  const answer = await server.request("POST", "/api/projects/import/", {
    body: story,
    headers: { "Content-Type": "text/plain" },
    chunked: true,
  });
  assert.equal((await texts(answer)).segments.length, 2);
});

test("a long book is imported whole, in order", async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `Paragraph number ${i + 1} stands here.`);
  const project = await texts(await asForm("long.txt", many.join("\n\n")));
  assert.deepEqual(project.segments.map((s) => s.text_content), many);
});
