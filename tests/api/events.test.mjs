import assert from "node:assert/strict";
import net from "node:net";
import { after, test } from "node:test";
import { NOBODY } from "./fixtures.mjs";
import { atEnd, isEnded, serve } from "./server.mjs";

const server = await serve({ after }, { args: ["--workers", "1"] });
const short = (n) => Array.from({ length: n }, (_, i) => `Short segment number ${i + 1}.`);
const long = (n) => Array.from({ length: n }, (_, i) => `Long segment ${i + 1}. ` + "The quick brown fox jumps over the lazy dog. ".repeat(4000));

async function watch(t, headers, from = server) {
  const stream = await from.studio(headers).open();
  atEnd(t, () => stream.close());
  assert.equal(stream.status, 200);
  return stream;
}

const revisionOf = ({ projects }, id) => projects.find((project) => project.id === id)?.revision;
const taskOf = ({ tasks }, id) => tasks.find((task) => task.task_id === id);

test("a state comes at once: the tasks as they are listed, the revisions as the projects have them", async (t) => {
  const project = await server.story(short(2));
  await server.narrate(project.id);
  const studio = await watch(t);
  const state = await studio.until("the first state");
  assert.match(studio.answer.headers["content-type"], /^text\/event-stream/);
  assert.match(studio.answer.headers["cache-control"], /no-store/);
  assert.deepEqual(state.tasks, (await server.get("/api/tasks/")).json);
  const listed = (await server.get("/api/projects/?ordering=-updated_at")).json;
  assert.deepEqual(state.projects, listed.map(({ id, revision }) => ({ id, revision })));
  assert.equal(state.project_count, listed.length);
  assert.equal(revisionOf(state, project.id), (await server.project(project.id)).revision);
});

test("a change by anyone arrives, with the revision that the project has then", async (t) => {
  const project = await server.story(short(2), "Old");
  const studio = await watch(t);
  let seen = revisionOf(await studio.until("the first state"), project.id);
  const [first, second] = project.segments;
  const changes = [
    () => server.patch(`/api/projects/${project.id}/`, { title: "New" }),
    () => server.patch(`/api/segments/${first.id}/`, { text_content: "Other." }),
    () => server.patch(`/api/segments/${first.id}/`, { is_locked: true }),
    () => server.post("/api/segments/reorder/", { project: project.id, order: [second.id, first.id] }),
    () => server.del(`/api/segments/${second.id}/`),
  ];
  for (const change of changes) {
    const answer = await change();
    assert.ok(answer.status < 300, answer.text);
    const state = await studio.until("the change", (state) => revisionOf(state, project.id) > seen);
    seen = revisionOf(state, project.id);
    assert.equal(seen, (await server.project(project.id)).revision);
  }
});

test("projects come first once they are changed, and go when they are deleted", async (t) => {
  const old = await server.story(short(1));
  const studio = await watch(t);
  const { project_count: before } = await studio.until("the first state");
  const made = await server.story(short(1));
  const state = await studio.until("the new project", ({ projects }) => projects[0].id === made.id);
  assert.equal(state.project_count, before + 1);
  await server.patch(`/api/projects/${old.id}/`, { title: "Changed" });
  await studio.until("the changed one in front", ({ projects }) => projects[0].id === old.id);
  await server.del(`/api/projects/${made.id}/`);
  await studio.until("its end", (state) => revisionOf(state, made.id) === undefined && state.project_count === before);
});

test("a task's life arrives: made, begun, paused, gone on with, ended", async (t) => {
  const project = await server.story([...long(1), ...short(1)]);
  const studio = await watch(t);
  await studio.until("the first state");
  const { json } = await server.post(`/api/projects/${project.id}/generate-all-audio/`);
  const { task_id: id } = json;
  const act = (action) => server.post(`/api/tasks/${id}/${action}/`);
  const begun = await studio.until("its beginning", (state) => taskOf(state, id)?.status === "PROCESSING");
  assert.equal(taskOf(begun, id).progress.current_segment_id, project.segments[0].id);
  await act("pause");
  await studio.until("its rest", (state) => taskOf(state, id).paused);
  await act("resume");
  await studio.until("its going on", (state) => !taskOf(state, id).paused);
  await act("cancel");
  const ended = await studio.until("its end", (state) => isEnded(taskOf(state, id).status));
  assert.equal(taskOf(ended, id).cancelled, true);
});

test("each segment that is spoken makes its project's revision grow", async (t) => {
  const project = await server.story(short(4));
  const studio = await watch(t);
  await studio.until("the first state");
  const { json } = await server.post(`/api/projects/${project.id}/generate-all-audio/`);
  const state = await studio.until("the end", (state) => isEnded(taskOf(state, json.task_id)?.status));
  assert.ok(revisionOf(state, project.id) >= project.revision + 4);
  assert.equal(revisionOf(state, project.id), (await server.project(project.id)).revision);
  assert.equal((await server.project(project.id)).audio_count, 4);
});

test("what reads, what is refused and what is no route sends nothing", async (t) => {
  const quiet = await serve(t);
  const project = await quiet.story(short(1));
  const studio = await watch(t, {}, quiet);
  await studio.until("the first state");
  const before = BigInt(studio.last.id);
  await quiet.get(`/api/projects/${project.id}/`);
  await quiet.head("/api/projects/");
  await quiet.post("/api/projects/", { title: "" });
  await quiet.patch(`/api/projects/${NOBODY}/`, { title: "x" });
  await quiet.del(`/api/projects/${NOBODY}/`);
  await quiet.post("/api/nothing/", {});
  assert.equal((await quiet.post("/api/projects/preview/", { title: "x", segments: [{ text_content: "x" }] })).status, 200);
  assert.equal((await quiet.del("/api/session/")).status, 204);
  await quiet.patch(`/api/projects/${project.id}/`, { title: "x" });
  await studio.until("the only change");
  assert.equal(BigInt(studio.last.id), before + 1n);
});

test("who comes back with the present version gets nothing until the next change", async (t) => {
  const project = await server.story(short(1));
  const first = await watch(t);
  await first.until("the first state");
  first.close();
  const again = await watch(t, { "Last-Event-ID": first.last.id });
  await server.patch(`/api/projects/${project.id}/`, { title: "Changed" });
  const state = await again.until("the next state");
  assert.ok(BigInt(again.last.id) > BigInt(first.last.id));
  assert.equal(revisionOf(state, project.id), project.revision + 1);
  for (const odd of ["", "0", "x", "99999999999999999999999"])
    await (await watch(t, { "Last-Event-ID": odd })).until(`a state for ${odd}`);
});

test("no process takes an earlier one's version for its own", async (t) => {
  const one = await serve(t);
  const first = await watch(t, {}, one);
  await first.until("the first state");
  await one.stop();
  const two = await serve(t, { data: one.data });
  const second = await watch(t, { "Last-Event-ID": first.last.id }, two);
  await second.until("the state of the new process");
  assert.ok(BigInt(second.last.id) > BigInt(first.last.id));
});

test("the fifty projects changed last are there, and the count of all", async (t) => {
  const many = await serve(t);
  const made = [];
  for (let i = 0; i < 55; i++) made.push((await many.post("/api/projects/", { title: `P${i}` })).json.id);
  const studio = await watch(t, {}, many);
  const state = await studio.until("the first state");
  assert.equal(state.project_count, 55);
  assert.deepEqual(state.projects.map(({ id }) => id), made.slice(5).reverse());
  await many.patch(`/api/projects/${made[0]}/`, { title: "Back" });
  await studio.until("the oldest in front", ({ projects }) => projects[0].id === made[0] && projects.length === 50);
});

test("clients that do not read hold nobody up", async (t) => {
  const project = await server.story(short(30));
  const silent = Array.from({ length: 20 }, () => {
    const socket = net.connect(server.port, "127.0.0.1").pause();
    socket.on("error", () => {});
    atEnd(t, () => socket.destroy());
    socket.write(`GET /api/events/ HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    return socket;
  });
  assert.equal(silent.length, 20);
  const studio = await watch(t);
  await studio.until("the first state");
  const { json } = await server.post(`/api/projects/${project.id}/generate-all-audio/`);
  for (let i = 0; i < 50; i++) {
    const title = `Title ${i}`;
    assert.equal((await server.patch(`/api/projects/${project.id}/`, { title })).json.title, title);
  }
  const ended = await studio.until("the end", (state) => isEnded(taskOf(state, json.task_id)?.status));
  assert.equal(taskOf(ended, json.task_id).progress.completed, 30);
});
