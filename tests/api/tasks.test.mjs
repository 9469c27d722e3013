import assert from "node:assert/strict";
import { after, test } from "node:test";
import { existsSync } from "node:fs";
import { wav } from "../cli/program.mjs";
import { NOBODY } from "./fixtures.mjs";
import { filesBelow, isEnded, serve, within } from "./server.mjs";

const server = await serve({ after }, { args: ["--workers", "1"] });
const generate = (id, options) => server.post(`/api/segments/${id}/generate-audio/`, options);
const generateAll = (id, options) => server.post(`/api/projects/${id}/generate-all-audio/`, options);
const act = (task, action) => server.post(`/api/tasks/${task}/${action}/`);

const HEX = "[0-9a-f]{8}";
const short = (n) => Array.from({ length: n }, (_, i) => `Sentence number ${i + 1}.`);

// Espeak makes some 13 minutes of sound, 40 MB, a second: 4000 sentences keep a worker busy for longer
// than any test that cancels it lasts, 300 for about a second.
const long = (n = 1, sentences = 4000) =>
  Array.from({ length: n }, (_, i) => `Long segment ${i + 1}. ` + "The quick brown fox jumps over the lazy dog. ".repeat(sentences));

test("one segment: 202, then its audio", async () => {
  const project = await server.story(["It was a bright cold day in April."]);
  const [{ id }] = project.segments;
  const { status, json } = await generate(id);
  assert.equal(status, 202);
  assert.match(json.task_id, new RegExp(`^tts_${id}_${HEX}$`));
  assert.deepEqual(json, { task_id: json.task_id, segment_id: id, status: "PENDING", message: "Audio generation started" });

  const ended = await server.taskEnd(json.task_id);
  const url = `/media/projects/${project.id}/audio/${id}.wav`;
  assert.equal(ended.status, "COMPLETED");
  assert.equal(ended.task_id, json.task_id);
  assert.equal(ended.progress.current, 1);
  assert.equal(ended.progress.completed, 1);
  assert.equal(ended.progress.total, 1);
  assert.equal(ended.progress.percentage, 100);
  assert.equal(ended.progress.current_segment_id, null);
  assert.deepEqual(ended.errors, []);
  assert.equal(ended.completed_segments.length, 1);
  const [done] = ended.completed_segments;
  assert.equal(done.segment_id, id);
  assert.ok(done.audio_url.startsWith(url));

  const segment = await server.segment(id);
  assert.ok(segment.audio_file.startsWith(url));
  assert.equal(segment.audio_duration, done.duration);
  assert.equal(segment.audio_engine, "espeak");
  assert.equal(segment.task_id, null);
  const sound = wav((await server.get(segment.audio_file)).body);
  assert.ok(Math.abs(sound.seconds - segment.audio_duration) < 0.002);
  assert.ok(Math.abs(sound.peak - 0.8913) < 0.002, `peak ${sound.peak}`);
  assert.equal(sound.riffSize, sound.length - 8);
  assert.ok(existsSync(server.media("projects", project.id, "audio", `${id}.wav`)));
});

test("an empty body, {} and no body at all are the same request", async () => {
  const project = await server.story(short(3));
  const bodies = [{}, { json: {} }, { body: "", headers: { "Content-Type": "application/json" } }];
  for (const [i, options] of bodies.entries()) {
    const answer = await server.request("POST", `/api/segments/${project.segments[i].id}/generate-audio/`, options);
    assert.equal(answer.status, 202, answer.text);
    await server.taskEnd(answer.json.task_id);
  }
});

test("one segment: what cannot be spoken is refused with the original's words", async () => {
  const { segments: [empty, locked] } = await server.story(["Soon empty.", "Locked."]);
  const blank = await server.patch(`/api/segments/${empty.id}/`, { text_content: "" });
  assert.equal(blank.status, 200, "a segment may have no text yet");
  const refused = await generate(empty.id);
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.json, { error: "Segment has no text content to generate audio from." });

  await server.patch(`/api/segments/${locked.id}/`, { is_locked: true });
  const conflict = await generate(locked.id);
  assert.equal(conflict.status, 409);
  assert.deepEqual(conflict.json, { error: "Segment is locked. Unlock before generating audio." });

  const missing = await generate(NOBODY);
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.json, { detail: "Not found." });
});

test("a second call while one runs returns the same task", async () => {
  const { segments: [{ id }] } = await server.story(long());
  const first = await generate(id);
  const second = await generate(id);
  assert.equal(second.status, 202);
  assert.equal(second.json.task_id, first.json.task_id);
  assert.equal((await server.segment(id)).task_id, first.json.task_id);
  await act(first.json.task_id, "cancel");
  await server.taskEnd(first.json.task_id);
  const third = await generate(id);
  assert.notEqual(third.json.task_id, first.json.task_id);
  await act(third.json.task_id, "cancel");
  await server.taskEnd(third.json.task_id);
});

test("all segments: 202 with counts, done in order, then nothing is left to do", async () => {
  const project = await server.story(short(8));
  const { status, json } = await generateAll(project.id);
  assert.equal(status, 202);
  assert.match(json.task_id, new RegExp(`^tts_batch_${project.id}_${HEX}$`));
  const { task_id, message, ...rest } = json;
  assert.deepEqual(rest, { project_id: project.id, status: "PENDING", total_segments: 8, segments_to_process: 8 });
  assert.match(message, /^Bulk audio generation started/);

  const seen = [];
  const ended = await server.waitFor(task_id, (body) => {
    seen.push(body.progress.current);
    assert.equal(body.progress.total, 8);
    assert.ok(body.progress.completed <= body.progress.current);
    assert.equal(body.completed_segments.length, body.progress.completed);
    return isEnded(body.status);
  });
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b), "progress only grows");
  assert.equal(ended.status, "COMPLETED");
  assert.deepEqual(ended.completed_segments.map((s) => s.segment_id), project.segments.map((s) => s.id));
  assert.equal((await server.project(project.id)).status, "COMPLETED");

  const nothing = await generateAll(project.id, {});
  assert.equal(nothing.status, 200);
  assert.deepEqual(nothing.json, { message: "No segments to process", total_segments: 8, segments_to_process: 0 });
});

test("all segments: locked ones are skipped or taken, made ones skipped or made again", async () => {
  const project = await server.story(short(4));
  await server.patch(`/api/segments/${project.segments[1].id}/`, { is_locked: true });
  const first = await generateAll(project.id, { skip_locked: true });
  assert.equal(first.status, 202);
  assert.equal(first.json.total_segments, 4);
  assert.equal(first.json.segments_to_process, 3);
  assert.equal(first.json.message, "Bulk audio generation started (1 segment skipped: locked)");
  await server.taskEnd(first.json.task_id);
  assert.equal((await server.segment(project.segments[1].id)).audio_file, null);

  const forced = await generateAll(project.id, { skip_locked: true, force_regenerate: true });
  assert.equal(forced.json.segments_to_process, 3);
  await server.taskEnd(forced.json.task_id);

  await server.patch(`/api/segments/${project.segments[0].id}/`, { text_content: "Changed." });
  const stale = await generateAll(project.id);
  assert.equal(stale.status, 202, "stale audio is to be made again");
  assert.equal(stale.json.segments_to_process, 1);
  await server.taskEnd(stale.json.task_id);
  assert.equal((await server.segment(project.segments[0].id)).audio_stale, false);
});

test("all segments: segments without text are left out", async () => {
  const project = await server.story(short(2));
  await server.patch(`/api/segments/${project.segments[0].id}/`, { text_content: "" });
  const { json } = await generateAll(project.id);
  assert.equal(json.segments_to_process, 1);
  assert.equal((await server.taskEnd(json.task_id)).errors.length, 0);
});

test("all segments: unknown projects, empty ones and bad options", async () => {
  const missing = await generateAll(NOBODY);
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.json, { detail: "Not found." });
  const { json: empty } = await server.post("/api/projects/", { title: "Empty" });
  const nothing = await generateAll(empty.id);
  assert.equal(nothing.status, 200);
  assert.deepEqual(nothing.json, { message: "No segments to process", total_segments: 0, segments_to_process: 0 });
  const project = await server.story(short(1));
  for (const options of [{ skip_locked: "perhaps" }, { force_regenerate: 5 }, { skip_locked: null }]) {
    const { status, json } = await generateAll(project.id, options);
    assert.equal(status, 400, JSON.stringify(options));
    assert.ok(json.skip_locked ?? json.force_regenerate);
  }
});

test("a unit that fails does not stop the batch: COMPLETED, with the error beside the others", async () => {
  server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  const project = await server.story(["Good one.", "Soon unspeakable.", "Good two."]);
  await server.patch(`/api/segments/${project.segments[1].id}/`, { text_content: "..." });
  const before = await generateAll(project.id);
  const ended = await server.taskEnd(before.json.task_id);
  assert.equal(ended.status, "COMPLETED");
  assert.deepEqual(ended.completed_segments.map((s) => s.segment_id), [project.segments[0].id, project.segments[2].id]);
  assert.equal(ended.errors.length, 1);
  assert.equal(ended.errors[0].segment_id, project.segments[1].id);
  assert.ok(ended.errors[0].error.length > 5);
  assert.equal((await server.segment(project.segments[1].id)).audio_error, ended.errors[0].error);
});

test("a batch that runs: its project is PROCESSING, its segments know their task", async () => {
  const project = await server.story(long(3));
  const { json } = await generateAll(project.id);
  const running = await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  assert.equal(running.progress.current, 1);
  assert.equal(running.progress.completed, 0);
  assert.equal(running.progress.current_segment_id, project.segments[0].id);
  const shown = await server.project(project.id);
  assert.equal(shown.status, "PROCESSING");
  assert.deepEqual(
    (await server.get("/api/tasks/")).json.filter((task) => task.project_id === project.id).map((task) => task.task_id),
    [json.task_id],
  );
  assert.ok(shown.segments.every(({ task_id }) => task_id === json.task_id));
  const again = await generateAll(project.id);
  assert.ok([200, 202].includes(again.status), "what is under way is not queued twice");
  if (again.status === 202) assert.equal(again.json.task_id, json.task_id);
  await act(json.task_id, "cancel");
  await server.taskEnd(json.task_id);
});

test("cancel: queued units are dropped, the one in flight stops soon, no file is left", async () => {
  const project = await server.story(long(3));
  const { json } = await generateAll(project.id);
  await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  const asked = performance.now();
  const { status, json: body } = await act(json.task_id, "cancel");
  assert.equal(status, 200);
  assert.equal(body.task_id, json.task_id);
  const ended = await server.taskEnd(json.task_id);
  assert.ok(performance.now() - asked < 5000, "it stops inside the segment");
  assert.equal(ended.status, "COMPLETED");
  assert.equal(ended.cancelled, true);
  assert.ok(ended.completed_segments.length < 3);
  assert.equal((await act(json.task_id, "cancel")).status, 200, "twice changes nothing");
  assert.equal((await server.status(json.task_id)).cancelled, true);
  assert.deepEqual(filesBelow(server.media("staged")), []);
  assert.ok((await server.project(project.id)).segments.every(({ task_id }) => task_id === null));
  assert.notEqual((await server.project(project.id)).status, "PROCESSING");
});

test("pause holds a batch where it is, resume lets it go on to the end", async () => {
  const project = await server.story([...long(1, 300), ...short(5)]);
  const { json } = await generateAll(project.id);
  await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  const paused = await act(json.task_id, "pause");
  assert.equal(paused.status, 200, paused.text);
  const held = await server.waitFor(json.task_id, ({ paused }) => paused);
  assert.equal(held.progress.total, 6);
  const one = await server.story(short(1));
  const live = await generate(one.segments[0].id);
  assert.equal((await server.taskEnd(live.json.task_id)).status, "COMPLETED", "others go on meanwhile");
  assert.equal((await server.status(json.task_id)).paused, true);
  assert.equal((await act(json.task_id, "resume")).status, 200);
  const ended = await server.taskEnd(json.task_id);
  assert.equal(ended.status, "COMPLETED");
  assert.equal(ended.completed_segments.length, 6);
  for (const action of ["pause", "resume"]) assert.equal((await act(json.task_id, action)).status, 409, `${action} after the end`);
});

test("retry speaks the failed segments again, under the same id, and nothing else", async () => {
  server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  const project = await server.story(["Good.", "Soon unspeakable."]);
  const [good, bad] = project.segments;
  await server.patch(`/api/segments/${bad.id}/`, { text_content: "..." });
  const { json } = await generateAll(project.id);
  assert.equal((await server.taskEnd(json.task_id)).errors.length, 1);
  const before = await server.segment(good.id);

  await server.patch(`/api/segments/${bad.id}/`, { text_content: "Speakable now." });
  const again = await act(json.task_id, "retry");
  assert.equal(again.status, 202);
  assert.equal(again.json.task_id, json.task_id);
  const ended = await server.waitFor(json.task_id, ({ completed_segments }) => completed_segments.length === 2);
  assert.deepEqual(ended.errors, []);
  assert.equal((await server.segment(bad.id)).audio_error, null);
  assert.deepEqual(await server.segment(good.id), before, "what was done is not done again");

  await server.taskEnd(json.task_id);
  const nothing = await act(json.task_id, "retry");
  assert.equal(nothing.status, 409);
  assert.equal(typeof nothing.json.error, "string");
});

test("retry of a task that runs is refused", async () => {
  const project = await server.story(long());
  const { json } = await generateAll(project.id);
  assert.equal((await act(json.task_id, "retry")).status, 409);
  await act(json.task_id, "cancel");
  await server.taskEnd(json.task_id);
});

test("the list of tasks: those that have not ended first", async () => {
  const quick = await server.story(short(1));
  const ended = await server.narrate(quick.id);
  const slow = await server.story(long());
  const { json } = await generateAll(slow.id);
  const { status, json: tasks } = await server.get("/api/tasks/");
  assert.equal(status, 200);
  assert.equal(tasks[0].task_id, json.task_id);
  assert.equal(isEnded(tasks[0].status), false);
  const found = tasks.find(({ task_id }) => task_id === ended.task_id);
  assert.equal(found.status, "COMPLETED");
  assert.equal(found.project_id, quick.id);
  await act(json.task_id, "cancel");
  await server.taskEnd(json.task_id);
});

test("a paused batch can be cancelled", async () => {
  const project = await server.story(long(2));
  const { json } = await generateAll(project.id);
  await act(json.task_id, "pause");
  assert.equal((await act(json.task_id, "cancel")).status, 200);
  assert.equal((await server.taskEnd(json.task_id)).cancelled, true);
});

test("a live request overtakes a batch", async () => {
  const project = await server.story(long(4));
  const { json: batch } = await generateAll(project.id);
  await server.waitFor(batch.task_id, ({ status }) => status === "PROCESSING");
  const one = await server.story(["Now, please."]);
  const { json: live } = await generate(one.segments[0].id);
  const ended = await server.taskEnd(live.task_id, 5000);
  assert.equal(ended.status, "COMPLETED");
  assert.equal(isEnded((await server.status(batch.task_id)).status), false, "the batch still runs");
  await act(batch.task_id, "cancel");
  await server.taskEnd(batch.task_id);
});

test("tasks that are not there answer the original's 404", async () => {
  for (const id of ["tts_x_00000000", `tts_${NOBODY}_00000000`, "x", "%2e%2e", "a".repeat(400)])
    for (const [method, action] of [["GET", "status/"], ["POST", "cancel/"], ["POST", "pause/"], ["POST", "resume/"], ["POST", "retry/"], ["GET", "events"]]) {
      const { status, json } = await server.request(method, `/api/tasks/${id}/${action}`);
      assert.equal(status, 404, `${method} ${id} ${action}`);
      assert.deepEqual(json, { error: "Task not found" });
    }
});

test("events: state on each change, ids that grow, an end", async () => {
  const project = await server.story(short(5));
  const { json } = await generateAll(project.id);
  const stream = await server.events(json.task_id).open();
  assert.equal(stream.status, 200);
  assert.match(stream.answer.headers["content-type"], /^text\/event-stream/);
  assert.match(stream.answer.headers["cache-control"], /no-cache|no-store/);
  const got = [];
  await within(30_000, "the end of the stream", (async () => {
    for await (const event of stream) got.push(event);
  })());
  const ids = got.map(({ id }) => Number(id));
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b), "each version once, in order");
  const last = JSON.parse(got.at(-1).data);
  assert.equal(last.status, "COMPLETED");
  assert.deepEqual(last, await server.status(json.task_id), "the same body as the status");

  const late = await server.events(json.task_id).open();
  const all = [];
  await within(5000, "the end of a late stream", (async () => {
    for await (const event of late) all.push(event);
  })());
  assert.equal(all.length, 1, "who comes late gets the last state, and the end");
  assert.equal(all[0].id, got.at(-1).id);
});

test("events: Last-Event-ID with the present version brings nothing old", async () => {
  const project = await server.story(long(2));
  const { json } = await generateAll(project.id);
  await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  await act(json.task_id, "pause");
  await server.waitFor(json.task_id, ({ paused }) => paused);
  let present;
  const look = await server.events(json.task_id).open();
  for await (const event of look) {
    present = event;
    break;
  }
  look.close();

  const again = await server.events(json.task_id, { "Last-Event-ID": present.id }).open();
  const got = [];
  const read = (async () => {
    for await (const event of again) got.push(event);
  })();
  await act(json.task_id, "cancel");
  await within(10_000, "the end of the stream", read);
  assert.ok(got.length > 0 && got.every(({ id }) => Number(id) > Number(present.id)), "only what is new");
  assert.equal(JSON.parse(got.at(-1).data).cancelled, true);

  for (const odd of ["", "0", "-1", "x", "99999999999999999999999"]) {
    const stream = await server.events(json.task_id, { "Last-Event-ID": odd }).open();
    assert.equal(stream.status, 200, `Last-Event-ID: ${odd}`);
    stream.close();
  }
});

test("a segment that is edited while its audio is made is stale afterwards, unless the new text was spoken", async () => {
  const { id: project, segments: [{ id }] } = await server.story(long(1, 300));
  const { json } = await generateAll(project);
  await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  await server.patch(`/api/segments/${id}/`, { text_content: "Something else by now." });
  const ended = await server.taskEnd(json.task_id);
  assert.deepEqual(ended.errors, []);
  const segment = await server.segment(id);
  // A task is under way a moment before its text is read: then it is the new one that was spoken.
  assert.equal(segment.audio_stale, segment.audio_duration > 10);
});

test("locking what is spoken although it is locked changes nothing, locking anything else stops it", async () => {
  for (const wasLocked of [true, false]) {
    const project = await server.story(long(1, 600));
    const at = `/api/segments/${project.segments[0].id}/`;
    await server.patch(at, { is_locked: wasLocked });
    const { json } = await generateAll(project.id, { skip_locked: false });
    await server.waitFor(json.task_id, ({ progress }) => progress.current_segment_id === project.segments[0].id);
    assert.equal((await server.patch(at, { is_locked: true })).status, 200);
    const ended = await server.taskEnd(json.task_id);
    assert.equal(ended.completed_segments.length, wasLocked ? 1 : 0);
  }
});

test("deleting what is being spoken stops it and leaves no file", async () => {
  const project = await server.story(long(2));
  const { json } = await generateAll(project.id);
  await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
  assert.equal((await server.del(`/api/segments/${project.segments[0].id}/`)).status, 204);
  assert.equal((await server.del(`/api/projects/${project.id}/`)).status, 204);
  const ended = await server.taskEnd(json.task_id).catch(() => null);
  if (ended) assert.ok(isEnded(ended.status));
  assert.deepEqual(filesBelow(server.media("projects", project.id)), []);
  assert.deepEqual(filesBelow(server.media("staged")), []);
});

test("deleting what waits ends the event streams of its tasks", async () => {
  const start = { segment: ({ segments }) => generate(segments[0].id), project: ({ id }) => generateAll(id) };
  for (const [kind, begin] of Object.entries(start)) {
    const project = await server.story(long());
    const { json } = await begin(project);
    await server.waitFor(json.task_id, ({ status }) => status === "PROCESSING");
    await act(json.task_id, "pause");
    await server.waitFor(json.task_id, ({ paused, progress }) => paused && progress.current === 0);
    const stream = await server.events(json.task_id).open();
    const got = [];
    const read = (async () => {
      for await (const event of stream) got.push(JSON.parse(event.data));
    })();
    const id = kind === "project" ? project.id : project.segments[0].id;
    assert.equal((await server.del(`/api/${kind}s/${id}/`)).status, 204);
    await within(10_000, `the end of the stream once the ${kind} is gone`, read);
    assert.equal(got.at(-1).status, "COMPLETED");
  }
});

test("a segment's id is the same in capitals", async () => {
  const { id: project, segments: [{ id }] } = await server.story(short(1));
  const one = await generate(id.toUpperCase());
  assert.equal(one.status, 202);
  assert.equal(one.json.segment_id, id);
  await server.taskEnd(one.json.task_id);
  const all = await generateAll(project.toUpperCase(), { force_regenerate: true });
  assert.equal(all.json.project_id, project);
  await server.taskEnd(all.json.task_id);
});

test("audio_file's address changes when the sound does, so that no player keeps an old one", async () => {
  const project = await server.story(["One thing."]);
  await server.narrate(project.id);
  const before = await server.segment(project.segments[0].id);
  const tag = (await server.head(before.audio_file)).headers.etag;
  await server.patch(`/api/segments/${before.id}/`, { text_content: "Another thing, much longer." });
  await server.narrate(project.id);
  const after = await server.segment(before.id);
  assert.notEqual((await server.head(after.audio_file)).headers.etag, tag);
  assert.ok(after.audio_duration > before.audio_duration);
});

test("the settings of the moment a job starts are its settings", async () => {
  const project = await server.story(["The same words, spoken at two speeds, one after the other."]);
  const [{ id }] = project.segments;
  const durations = [];
  for (const tts_speed of [1, 2]) {
    await server.patch("/api/settings/", { tts_speed });
    const { json } = await generateAll(project.id, { force_regenerate: true });
    await server.taskEnd(json.task_id);
    durations.push((await server.segment(id)).audio_duration);
  }
  await server.patch("/api/settings/", { tts_speed: 1 });
  assert.ok(durations[1] < durations[0] * 0.75, `${durations}`);
});

test("a voice nobody knows falls back to the default with a warning in the log", async () => {
  server.expect(/voice/i);
  const project = await server.story(["Any voice will do."]);
  await server.patch("/api/settings/", { default_voice_id: "no_such_voice" });
  assert.equal((await server.narrate(project.id)).status, "COMPLETED");
  await server.patch("/api/settings/", { default_voice_id: "af_bella" });
});

test("an ended task is shown for as long as configured, and not after", async (t) => {
  const quick = await serve(t, { args: ["--keep-tasks", "1s"] });
  const project = await quick.story(["Short."]);
  const { task_id } = await quick.narrate(project.id);
  // A real clock: the shortest time that can be configured is a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { status, json } = await quick.get(`/api/tasks/${task_id}/status/`);
  assert.equal(status, 404);
  assert.deepEqual(json, { error: "Task not found" });
});

test("engine kokoro asked for by name without its model: 503 with the way out, all else works", async (t) => {
  const kokoro = await serve(t, { engine: "kokoro" });
  kokoro.expect(/kokoro/i);
  const project = await kokoro.story(["One."]);
  for (const [path, body] of [
    [`/api/segments/${project.segments[0].id}/generate-audio/`, undefined],
    [`/api/projects/${project.id}/generate-all-audio/`, {}],
  ]) {
    const { status, json, headers } = await kokoro.post(path, body);
    assert.equal(status, 503);
    assert.equal(headers["retry-after"], undefined, "waiting does not bring it");
    assert.match(json.error, /^TTS model not available\. Please install kokoro-v0_19\.onnx\./);
    assert.match(json.error, /parlando models pull kokoro/);
  }
  assert.equal((await kokoro.get("/api/projects/")).status, 200);
  assert.equal((await kokoro.patch("/api/settings/", { engine: "espeak" })).status, 200);
  assert.equal((await kokoro.narrate(project.id)).status, "COMPLETED", "another engine was chosen in the settings");
});

test("a voice that the engine does not have is told once, not for each segment", async (t) => {
  const fresh = await serve(t);
  const project = await fresh.story(short(4));
  assert.equal((await fresh.narrate(project.id)).completed_segments.length, 4);
  assert.equal(fresh.stderr.match(/there is no voice "af_bella"/g).length, 1);
});
