import assert from "node:assert/strict";
import { after, test } from "node:test";
import { NOBODY } from "./fixtures.mjs";
import { filesBelow, serve } from "./server.mjs";

const server = await serve({ after });
const at = (id, action = "") => `/api/segments/${id}/${action}`;
const notFound = { detail: "Not found." };

test("segments are listed by project, in order, and one by one", async () => {
  const project = await server.story(["One.", "Two.", "Three."]);
  const { status, json } = await server.get(`/api/segments/?project=${project.id}`);
  assert.equal(status, 200);
  assert.deepEqual(json.map((s) => s.text_content), ["One.", "Two.", "Three."]);
  assert.deepEqual(json, project.segments);
  assert.deepEqual((await server.get(at(json[1].id))).json, json[1]);

  const page = (await server.get(`/api/segments/?project=${project.id}&page=2&page_size=2`)).json;
  assert.equal(page.count, 3);
  assert.deepEqual(page.results, [json[2]]);
  assert.equal(page.next, null);
  assert.match(page.previous, new RegExp(`project=${project.id}`));
});

test("without a project all segments are listed; with an unknown one the answer is no list", async () => {
  const { json } = await server.get("/api/segments/");
  assert.ok(json.length >= 3);
  const unknown = await server.get(`/api/segments/?project=${NOBODY}`);
  assert.ok([400, 404].includes(unknown.status), `${unknown.status}`);
  const odd = await server.get("/api/segments/?project=x");
  assert.ok([400, 404].includes(odd.status), `${odd.status}`);
});

test("segments that are not there answer 404 to everything", async () => {
  const calls = [
    ["GET", ""],
    ["PATCH", "", { text_content: "x" }],
    ["DELETE", ""],
    ["POST", "generate-audio/", {}],
    ["DELETE", "remove-image/"],
  ];
  for (const id of [NOBODY, "x"])
    for (const [method, action, json] of calls) {
      const answer = await server.request(method, at(id, action), { json });
      assert.equal(answer.status, 404, `${method} ${action}`);
      assert.deepEqual(answer.json, notFound);
    }
});

test("PATCH: text, prompt and lock", async () => {
  const { segments: [segment] } = await server.story(["Before."]);
  const steps = [
    [{ text_content: "After — 灯台 🎙️" }, "text_content"],
    [{ image_prompt: "a lamp" }, "image_prompt"],
    [{ image_prompt: "" }, "image_prompt"],
    [{ is_locked: true }, "is_locked"],
    [{ is_locked: false }, "is_locked"],
  ];
  for (const [change, field] of steps) {
    const { status, json } = await server.patch(at(segment.id), change);
    assert.equal(status, 200);
    assert.equal(json[field], change[field]);
    assert.deepEqual(await server.segment(segment.id), json);
  }
  const untouched = (await server.patch(at(segment.id), {})).json;
  assert.equal(untouched.text_content, "After — 灯台 🎙️");
});

test("PATCH: bad values are refused by field, and nothing is changed", async () => {
  const { segments: [segment] } = await server.story(["Before."]);
  const bad = [
    [{ text_content: null }, "text_content", "This field may not be null."],
    [{ text_content: 5 }, "text_content", /valid string/],
    [{ text_content: ["x"] }, "text_content", "Not a valid string."],
    [{ is_locked: "perhaps" }, "is_locked", /boolean/i],
    [{ is_locked: null }, "is_locked", "This field may not be null."],
    [{ image_prompt: 5 }, "image_prompt", /string/],
    [{ text_content: "Changed.", is_locked: [] }, "is_locked", /boolean/i],
  ];
  for (const [change, field, message] of bad) {
    const { status, json } = await server.patch(at(segment.id), change);
    assert.equal(status, 400, JSON.stringify(change));
    if (typeof message === "string") assert.deepEqual(json, { [field]: [message] });
    else assert.match(json[field][0], message);
  }
  assert.deepEqual(await server.segment(segment.id), segment);
});

test("PATCH: what only the server knows is not taken", async () => {
  const { segments: [segment] } = await server.story(["Before."]);
  const { status, json } = await server.patch(at(segment.id), {
    id: NOBODY,
    project: NOBODY,
    sequence_index: 9,
    audio_file: "/etc/passwd",
    image_file: "/etc/passwd",
    audio_duration: 99,
    audio_stale: true,
  });
  assert.equal(status, 200);
  assert.deepEqual({ ...json, updated_at: segment.updated_at }, segment);
});

test("a locked segment's text and picture stay; unlocking in the same change is enough", async () => {
  const { segments: [segment] } = await server.story(["Before."]);
  await server.patch(at(segment.id), { is_locked: true });
  for (const change of [{ text_content: "After." }, { image_prompt: "x" }]) {
    const { status, json } = await server.patch(at(segment.id), change);
    assert.equal(status, 409);
    assert.match(JSON.stringify(json), /locked/i);
  }
  assert.equal((await server.segment(segment.id)).text_content, "Before.");
  assert.equal((await server.patch(at(segment.id), { text_content: "After.", is_locked: false })).status, 200);
  assert.equal((await server.segment(segment.id)).text_content, "After.");
});

test("new text makes the audio stale; the spoken text makes it fresh again", async () => {
  const project = await server.story(["Spoken."]);
  const [{ id }] = project.segments;
  assert.equal((await server.patch(at(id), { text_content: "Not spoken yet." })).json.audio_stale, false);
  await server.patch(at(id), { text_content: "Spoken." });
  await server.narrate(project.id);
  const spoken = await server.segment(id);
  assert.equal(spoken.audio_stale, false);

  const edited = (await server.patch(at(id), { text_content: "Spoken otherwise." })).json;
  assert.equal(edited.audio_stale, true);
  assert.equal(edited.audio_file, spoken.audio_file, "the old recording can still be heard");
  assert.equal((await server.patch(at(id), { image_prompt: "p" })).json.audio_stale, true);
  assert.equal((await server.patch(at(id), { text_content: "Spoken." })).json.audio_stale, false);
  assert.equal((await server.project(project.id)).stale_count, 0);
});

test("deleting a segment removes its recording and closes the gap", async () => {
  const project = await server.story(["One.", "Two.", "Three."]);
  await server.narrate(project.id);
  assert.equal(filesBelow(server.media("projects", project.id, "audio")).length, 3);
  const [, second] = project.segments;
  const answer = await server.del(at(second.id));
  assert.equal(answer.status, 204);
  assert.equal(answer.body.length, 0);
  const rest = await server.project(project.id);
  assert.deepEqual(rest.segments.map((s) => [s.text_content, s.sequence_index]), [["One.", 0], ["Three.", 1]]);
  assert.deepEqual(
    filesBelow(server.media("projects", project.id, "audio")),
    rest.segments.map(({ id }) => `${id}.wav`).sort(),
  );
  assert.equal((await server.del(at(second.id))).status, 404);
});

test("deleting a segment without audio works too", async () => {
  const { segments: [segment] } = await server.story(["One."]);
  assert.equal((await server.del(at(segment.id))).status, 204);
});

test("POST adds a segment at its place or at the end", async () => {
  const project = await server.story(["One.", "Three."]);
  const add = (body) => server.post("/api/segments/", { project: project.id, ...body });
  const two = await add({ text_content: "Two.", sequence_index: 1 });
  assert.equal(two.status, 201);
  assert.equal(two.json.project, project.id);
  assert.equal(two.json.sequence_index, 1);
  assert.equal((await add({ text_content: "Four.", image_prompt: "4" })).json.sequence_index, 3);
  assert.equal((await add({ text_content: "Five.", sequence_index: 4000 })).json.sequence_index, 4);
  assert.equal((await add({})).json.text_content, "", "its text may come later");
  const texts = (await server.project(project.id)).segments.map((s) => s.text_content);
  assert.deepEqual(texts, ["One.", "Two.", "Three.", "Four.", "Five.", ""]);

  const bad = [
    [{ text_content: "x" }, "project"],
    [{ text_content: "x", project: "x" }, "project"],
    [{ text_content: "x", project: NOBODY }, "project"],
    [{ text_content: 5, project: project.id }, "text_content"],
    [{ sequence_index: -1, project: project.id }, "sequence_index"],
    [{ sequence_index: 1.5, project: project.id }, "sequence_index"],
    [{ sequence_index: "1", project: project.id }, "sequence_index"],
  ];
  for (const [body, field] of bad) {
    const { status, json } = await server.post("/api/segments/", body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(json[field].length, 1);
  }
});

test("reorder: the project's segments take the order given", async () => {
  const project = await server.story(["One.", "Two.", "Three.", "Four."]);
  const ids = project.segments.map(({ id }) => id);
  const order = [ids[2], ids[0], ids[3], ids[1]];
  const { status } = await server.post("/api/segments/reorder/", { project: project.id, order });
  assert.equal(status, 200);
  const after = await server.project(project.id);
  assert.deepEqual(after.segments.map(({ id }) => id), order);
  assert.deepEqual(after.segments.map((s) => s.sequence_index), [0, 1, 2, 3]);
  assert.equal((await server.post("/api/segments/reorder/", { project: project.id, order })).status, 200, "twice is fine");
});

test("reorder: anything but exactly the project's ids is refused, and nothing moves", async () => {
  const project = await server.story(["One.", "Two.", "Three."]);
  const other = await server.story(["Another."]);
  const ids = project.segments.map(({ id }) => id);
  const bad = [
    [{ project: project.id, order: ids.slice(1) }, "one is missing"],
    [{ project: project.id, order: [...ids, ids[0]] }, "one is there twice"],
    [{ project: project.id, order: [ids[0], ids[0], ids[1]] }, "one is there instead of another"],
    [{ project: project.id, order: [...ids, other.segments[0].id] }, "one is another project's"],
    [{ project: project.id, order: [ids[0], ids[1], NOBODY] }, "one does not exist"],
    [{ project: project.id, order: [] }, "no order"],
    [{ project: project.id, order: "x" }, "order is text"],
    [{ project: project.id, order: [1, 2, 3] }, "ids are numbers"],
    [{ project: project.id }, "order is missing"],
    [{ order: ids }, "project is missing"],
    [{ project: "x", order: ids }, "project is no id"],
  ];
  for (const [body, what] of bad) {
    const { status, json } = await server.post("/api/segments/reorder/", body);
    assert.equal(status, 400, what);
    assert.ok(json.order || json.project || json.non_field_errors || json.detail, what);
  }
  const unknown = await server.post("/api/segments/reorder/", { project: NOBODY, order: ids });
  assert.ok([400, 404].includes(unknown.status));
  assert.deepEqual((await server.project(project.id)).segments.map(({ id }) => id), ids);
});
