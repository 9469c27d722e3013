import assert from "node:assert/strict";
import { after, test } from "node:test";
import { NOBODY, png } from "./fixtures.mjs";
import { filesBelow, serve } from "./server.mjs";

const server = await serve({ after });

const notFound = { detail: "Not found." };

async function make(title) {
  const { status, json } = await server.post("/api/projects/", { title });
  assert.equal(status, 201);
  return json;
}

test("a new server has no projects", async () => {
  const { status, json } = await server.get("/api/projects/");
  assert.equal(status, 200);
  assert.deepEqual(json, []);
});

test("a project is made, shown, renamed and deleted", async () => {
  const made = await make("The Lighthouse");
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  assert.equal(made.title, "The Lighthouse");
  assert.equal(made.status, "DRAFT");
  assert.equal(made.segment_count, 0);
  assert.ok(Math.abs(Date.parse(made.created_at) - Date.now()) < 60_000);

  const shown = await server.get(`/api/projects/${made.id}/`);
  assert.equal(shown.status, 200);
  assert.deepEqual(shown.json.segments, []);
  assert.equal(shown.json.title, "The Lighthouse");

  const renamed = await server.patch(`/api/projects/${made.id}/`, { title: "Das Leuchthaus — 灯台" });
  assert.equal(renamed.status, 200);
  assert.equal(renamed.json.title, "Das Leuchthaus — 灯台");
  assert.ok(Date.parse(renamed.json.updated_at) >= Date.parse(made.updated_at));

  const gone = await server.del(`/api/projects/${made.id}/`);
  assert.equal(gone.status, 204);
  assert.equal(gone.body.length, 0);
  assert.equal((await server.get(`/api/projects/${made.id}/`)).status, 404);
});

test("titles: good ones are kept as they are, bad ones are refused by field", async () => {
  const good = ["x", "é".repeat(500), "two\u00a0words", "🎙️", "<b>not markup</b>", 'quotes " and \\'];
  for (const title of good) assert.equal((await make(title)).title, title);
  assert.equal((await make("  spaces  ")).title, "spaces");

  const bad = [
    [{}, "This field is required."],
    [{ title: null }, "This field may not be null."],
    [{ title: "" }, "This field may not be blank."],
    [{ title: "   " }, "This field may not be blank."],
    [{ title: "é".repeat(501) }, "Ensure this field has no more than 500 characters."],
    [{ title: true }, "Not a valid string."],
    [{ title: ["x"] }, "Not a valid string."],
  ];
  for (const [body, message] of bad) {
    const { status, json } = await server.post("/api/projects/", body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.deepEqual(json, { title: [message] });
  }
});

test("a body that is no JSON object is malformed", async () => {
  const headers = { "Content-Type": "application/json" };
  for (const body of ["{", "[]", '"x"', "5", "null", '{"title":"a","title"}', '{"title":"\\ud800"}', "[".repeat(5000)]) {
    const { status, json } = await server.request("POST", "/api/projects/", { body, headers });
    assert.equal(status, 400, body.slice(0, 20));
    assert.ok(json.detail || json.non_field_errors, body.slice(0, 20));
  }
  const bytes = Buffer.from('{"title":"\xff\xfe"}', "latin1");
  assert.equal((await server.request("POST", "/api/projects/", { body: bytes, headers })).status, 400);
});

test("PATCH changes the title only, and refuses what POST refuses", async () => {
  const { id } = await make("Before");
  for (const body of [{ title: "" }, { title: null }, { title: "x".repeat(501) }]) {
    const { status, json } = await server.patch(`/api/projects/${id}/`, body);
    assert.equal(status, 400);
    assert.ok(Array.isArray(json.title));
  }
  const { status, json } = await server.patch(`/api/projects/${id}/`, { status: "COMPLETED", id: NOBODY, segment_count: 9 });
  assert.equal(status, 200);
  assert.equal(json.status, "DRAFT");
  assert.equal(json.id, id);
  assert.equal(json.segment_count, 0);
  assert.equal(json.title, "Before");
});

test("projects that are not there answer 404, whatever their id looks like", async () => {
  for (const id of [NOBODY, "x", "0", "..", "%2e%2e", "%00", "a".repeat(300), "import%2f", NOBODY.toUpperCase()])
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const { status, json } = await server.request(method, `/api/projects/${id}/`, method === "PATCH" ? { json: { title: "x" } } : {});
      if (id === "%00") assert.ok([400, 404].includes(status), `${method} ${id}: ${status}`);
      else if (id === ".." || id === "%2e%2e") assert.ok([400, 404, 405].includes(status), `${method} ${id}: ${status}`);
      else {
        assert.equal(status, 404, `${method} ${id}`);
        assert.deepEqual(json, notFound);
      }
    }
});

test("an id is found in capitals too", async () => {
  const { id } = await make("Capitals");
  const { status, json } = await server.get(`/api/projects/${id.toUpperCase()}/`);
  assert.equal(status, 200);
  assert.equal(json.id, id);
});

test("the list has counts, the newest first", async () => {
  const older = await server.story(["One.", "Two.", { text_content: "Three." }], "Counted");
  const newer = await make("Newest");
  const { json } = await server.get("/api/projects/");
  assert.deepEqual(json.slice(0, 2).map(({ id }) => id), [newer.id, older.id]);
  assert.equal(json[1].segment_count, 3);
  assert.equal(json[1].audio_count, 0);
  assert.equal(json[1].segments, undefined, "a list has no segments");
});

test("with page or page_size in the query a list becomes pages that link to each other", async () => {
  const { json: all } = await server.get("/api/projects/");
  assert.ok(all.length >= 5);
  const ids = [];
  let next = `${server.origin}/api/projects/?page_size=2`;
  let previous = null;
  while (next) {
    const { pathname, search, origin } = new URL(next);
    assert.equal(origin, server.origin);
    const { status, json } = await server.get(pathname + search);
    assert.equal(status, 200);
    assert.equal(json.count, all.length);
    assert.ok(json.results.length <= 2);
    assert.equal(json.previous === null, previous === null);
    ids.push(...json.results.map(({ id }) => id));
    previous = next;
    next = json.next;
  }
  assert.deepEqual(ids, all.map(({ id }) => id));

  const last = await server.get("/api/projects/?page=1&page_size=1000");
  assert.equal(last.json.next, null);
  assert.equal(last.json.previous, null);
  for (const page of ["0", "-1", "x", "999", "1.5", "99999999999999999999"]) {
    const { status, json } = await server.get(`/api/projects/?page=${page}`);
    assert.equal(status, 404, page);
    assert.deepEqual(json, { detail: "Invalid page." });
  }
});

test("search and ordering narrow and order the list", async () => {
  await make("Zebra crossing");
  await make("zebra stripes");
  const { json: found } = await server.get("/api/projects/?search=ZEBRA&ordering=title");
  assert.deepEqual(found.map(({ title }) => title), ["Zebra crossing", "zebra stripes"]);
  const { json: reversed } = await server.get("/api/projects/?search=zebra&ordering=-title");
  assert.deepEqual(reversed.map(({ title }) => title), ["zebra stripes", "Zebra crossing"]);
  const { json: paged } = await server.get("/api/projects/?search=zebra&ordering=-title&page_size=1");
  assert.match(paged.next, /search=zebra/);
  assert.match(paged.next, /ordering=-title/);
  for (const odd of ["%25", "_", "'", "%27%20OR%201=1--"]) {
    const { status, json } = await server.get(`/api/projects/?search=${odd}`);
    assert.equal(status, 200);
    assert.deepEqual(json, [], `search=${odd} is taken by the letter`);
  }
});

test("deleting a project removes its segments, pictures and recordings from disk", async () => {
  const project = await server.story(["A first sentence.", "A second one."], "To be deleted");
  const [first] = project.segments;
  assert.equal((await server.upload(`/api/segments/${first.id}/upload-image/`, [{ name: "image", filename: "a.png", bytes: png }])).status, 200);
  await server.narrate(project.id);
  assert.equal(filesBelow(server.media("projects", project.id)).length, 3);
  const { audio_file } = await server.segment(first.id);
  assert.equal((await server.get(audio_file)).status, 200);

  assert.equal((await server.del(`/api/projects/${project.id}/`)).status, 204);
  assert.deepEqual(filesBelow(server.media("projects", project.id)), []);
  assert.equal((await server.get(audio_file)).status, 404);
  for (const { id } of project.segments) assert.deepEqual((await server.get(`/api/segments/${id}/`)).json, notFound);
  assert.equal((await server.get(`/api/segments/?project=${project.id}`)).status, 404);
});

test("status follows the audio: DRAFT, COMPLETED, DRAFT again after an edit", async () => {
  const project = await server.story(["Only this."], "Status");
  assert.equal(project.status, "DRAFT");
  await server.narrate(project.id);
  const done = await server.project(project.id);
  assert.equal(done.status, "COMPLETED");
  assert.equal(done.audio_count, 1);
  assert.ok(done.segments[0].audio_duration > 0.1);
  await server.patch(`/api/segments/${project.segments[0].id}/`, { text_content: "Only that." });
  assert.equal((await server.project(project.id)).status, "DRAFT");
});

test("an answer that has not changed is 304 for who has it", async () => {
  const project = await server.story(["One.", "Two."], "Conditional");
  const path = `/api/projects/${project.id}/`;
  const first = await server.get(path);
  if (!first.headers.etag) return; // a tag is allowed, not demanded; when there is one it must be right
  const again = await server.get(path, { headers: { "If-None-Match": first.headers.etag } });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  await server.patch(`/api/segments/${project.segments[1].id}/`, { text_content: "Changed." });
  const changed = await server.get(path, { headers: { "If-None-Match": first.headers.etag } });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.etag, first.headers.etag);
  assert.equal(changed.json.segments[1].text_content, "Changed.");
});
