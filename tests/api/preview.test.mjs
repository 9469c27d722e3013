import assert from "node:assert/strict";
import { after, test } from "node:test";
import { epub } from "./fixtures.mjs";
import { filesBelow, serve } from "./server.mjs";

const server = await serve({ after });
const story = "Title: The Lighthouse\n\nThe lamp had burned for years.\nNobody knew why.\n\nThen it went out.\n";
const markdown = "# The Lighthouse\n\nThe *lamp* burned.\n\n## After\n\nThen it went out.\n";

const form = (route, filename, bytes, fields = {}) =>
  server.upload(`/api/projects/${route}/`, [
    { name: "file", filename, type: "application/octet-stream", bytes },
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
  ]);
const body = (route, type, bytes, query = "") =>
  server.request("POST", `/api/projects/${route}/${query}`, { body: bytes, headers: { "Content-Type": type } });
const preview = (...args) => form("preview", ...args);

const count = async () => (await server.get("/api/projects/?page=1")).json.count;

test("each format is shown as its import makes it, and nothing is made", async () => {
  const requests = [
    (route) => form(route, "story.txt", story),
    (route) => form(route, "story.md", markdown),
    (route) => form(route, "blocks.txt", "Text: The lamp burned.\nPrompt: a lighthouse\n\nText: It went out.\n"),
    (route) => form(route, "book.epub", epub("A Book", [["One", "First &amp; foremost.", "Second."], ["Two", "Third."]])),
    (route) => form(route, "Named by its file.txt", "Only this."),
    (route) => form(route, "story.txt", story, { title: "Asked for" }),
    (route) => form(route, "story.txt", markdown, { format: "markdown" }),
    (route) => body(route, "text/plain", story),
    (route) => body(route, "text/markdown", markdown),
    (route) => body(route, "text/plain", "Only this."),
    (route) => body(route, "text/plain", story, "?title=Asked%20for"),
    (route) =>
      body(
        route,
        "application/json",
        JSON.stringify({
          title: "Lamp",
          author: "A. Writer",
          segments: [{ text_content: "  It was dark. ", image_prompt: "a sea", chapter: "I" }, { text_content: "Ünïcödé 灯台 🎙️" }],
        }),
      ),
  ];
  for (const [i, send] of requests.entries()) {
    const before = await count();
    const { status, json, text } = await send("preview");
    assert.equal(status, 200, `${i}: ${text}`);
    assert.equal(await count(), before, "nothing is made");
    const made = (await send("import")).json;
    assert.equal(json.title, made.title);
    assert.equal(json.author, made.author);
    assert.equal(json.segment_count, made.segment_count);
    assert.equal(json.character_count, made.segments.reduce((sum, { text_content }) => sum + [...text_content].length, 0));
    assert.deepEqual(
      json.segments,
      made.segments.map(({ text_content, image_prompt, chapter }) => ({ text_content, image_prompt, chapter, is_cut: false })),
    );
  }
  assert.deepEqual(filesBelow(server.path("uploads")), []);
});

test("errors are the import's", async () => {
  const requests = [
    (route) => form(route, "empty.txt", ""),
    (route) => form(route, "blank.txt", "\n \n\n"),
    (route) => form(route, "latin1.txt", Buffer.from("one\ntwo\ncaf\xe9\n", "latin1")),
    (route) => form(route, "text.epub", "Just text.\n"),
    (route) => form(route, "a.pdf", "%PDF-1.7"),
    (route) => form(route, "story.json", '{"title": "x", "segments": [{"text_content": 5}]}'),
    (route) => form(route, "story.txt", story, { format: "scroll" }),
    (route) => form(route, "story.txt", story, { title: "x".repeat(501) }),
    (route) => server.upload(`/api/projects/${route}/`, [{ name: "title", value: "x" }]),
    (route) => body(route, "image/png", "x"),
    (route) => body(route, "text/plain", ""),
  ];
  const before = await count();
  for (const [i, send] of requests.entries()) {
    const shown = await send("preview");
    const made = await send("import");
    assert.ok(shown.status >= 400 && shown.status < 500, `${i}: ${shown.text}`);
    assert.equal(shown.status, made.status, `${i}`);
    assert.deepEqual(shown.json, made.json, `${i}`);
  }
  assert.equal(await count(), before);
});

test("of a long story the first 200 segments are shown, and all are counted", async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `Paragraph number ${i + 1} stands here.`);
  const { status, json } = await preview("long.txt", many.join("\n\n"));
  assert.equal(status, 200);
  assert.equal(json.segment_count, 3000);
  assert.equal(json.character_count, many.join("").length);
  assert.deepEqual(json.segments.map((s) => s.text_content), many.slice(0, 200));
});

test("long texts and prompts are cut between characters, which is said", async () => {
  const segments = [
    { text_content: "灯".repeat(2000) },
    { text_content: "灯".repeat(2001) },
    { text_content: "a🎙".repeat(2500), image_prompt: "short" },
    { text_content: "Short.", image_prompt: "é".repeat(2001) },
  ];
  const { status, json } = await server.post("/api/projects/preview/", { title: "Long", segments });
  assert.equal(status, 200);
  assert.deepEqual(json.segments.map((s) => s.is_cut), [false, true, true, true]);
  assert.equal(json.segments[0].text_content, segments[0].text_content);
  assert.equal(json.segments[1].text_content, "灯".repeat(2000));
  assert.equal(json.segments[2].text_content, "a🎙".repeat(1000));
  assert.equal(json.segments[3].image_prompt, "é".repeat(2000));
  assert.equal(json.character_count, 2000 + 2001 + 5000 + 6);
});

test("the largest texts make no large answer", async () => {
  const bytes = Buffer.from(Array.from({ length: 4 }, () => "word ".repeat(790_000)).join("\n\n"));
  const { status, json, text } = await preview("huge.txt", bytes);
  assert.equal(status, 200, text);
  assert.equal(json.segment_count, 4);
  assert.ok(json.segments.every(({ is_cut, text_content }) => is_cut && text_content.length === 2000));
});
