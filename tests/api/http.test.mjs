// What belongs to HTTP rather than to a resource: slashes, methods, bodies, connections, odd clients.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import http from "node:http";
import net from "node:net";
import { NOBODY, png } from "./fixtures.mjs";
import { filesBelow, form, serve, within } from "./server.mjs";

const server = await serve({ after }, { args: ["--json-max-mb", "1", "--upload-max-mb", "4"] });
const project = await server.story(["One.", "Two."]);
const [segment] = project.segments;
const host = `Host: 127.0.0.1:${server.port}\r\n`;
const status = (answer) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

test("a trailing slash is optional everywhere", async () => {
  const paths = [
    "/api/projects/",
    `/api/projects/${project.id}/`,
    "/api/segments/",
    `/api/segments/${segment.id}/`,
    "/api/settings/",
    "/healthz",
    "/openapi.json",
  ];
  for (const path of paths) {
    const [bare, slashed] = [path.replace(/\/$/, ""), path.replace(/\/?$/, "/")];
    const [one, two] = [await server.get(bare), await server.get(slashed)];
    assert.equal(one.status, 200, bare);
    assert.equal(two.status, 200, slashed);
    assert.equal(one.text, two.text);
  }
  const post = await server.post("/api/projects", { title: "No slash" });
  assert.equal(post.status, 201);
  assert.equal((await server.patch(`/api/projects/${post.json.id}`, { title: "x" })).status, 200);
  assert.equal((await server.del(`/api/projects/${post.json.id}`)).status, 204);
});

test("errors speak the dialect of their path", async () => {
  const cases = [
    ["GET", "/api/nothing/", 404, { detail: "Not found." }],
    ["GET", "/api/projects/x/y/z/", 404, { detail: "Not found." }],
    ["GET", "/nothing", 404, { detail: "Not found." }],
    ["PUT", "/api/projects/", 405, { detail: 'Method "PUT" not allowed.' }],
    ["DELETE", "/api/settings/", 405, { detail: 'Method "DELETE" not allowed.' }],
    ["GET", `/api/segments/${segment.id}/generate-audio/`, 405, { detail: 'Method "GET" not allowed.' }],
    ["GET", "/api/projects/import/", [404, 405], null],
    ["GET", "/api/tasks/x/status/", 404, { error: "Task not found" }],
    ["GET", "/api/batch/x", 404, { error: null }],
    ["GET", "/audio/x", 404, { error: null }],
  ];
  for (const [method, path, code, body] of cases) {
    const answer = await server.request(method, path);
    assert.ok([code].flat().includes(answer.status), `${method} ${path}: ${answer.status}`);
    assert.match(answer.headers["content-type"], /^application\/json/);
    if (body?.error === null) assert.equal(typeof answer.json.error, "string", path);
    else if (body) assert.deepEqual(answer.json, body, path);
  }
  const openai = await server.get("/v1/nothing");
  assert.equal(openai.status, 404);
  assert.deepEqual(Object.keys(openai.json.error).sort(), ["code", "message", "param", "type"]);
  assert.equal(openai.json.error.type, "invalid_request_error");
});

test("405 says what is allowed, and OPTIONS does", async () => {
  const cases = [
    ["/api/projects/", ["GET", "HEAD", "POST", "OPTIONS"]],
    [`/api/projects/${project.id}/`, ["GET", "HEAD", "PATCH", "DELETE", "OPTIONS"]],
    [`/api/segments/${segment.id}/generate-audio/`, ["POST", "OPTIONS"]],
    ["/api/settings/", ["GET", "HEAD", "PATCH", "OPTIONS"]],
  ];
  for (const [path, methods] of cases) {
    const wrong = await server.request("PROPFIND", path);
    assert.equal(wrong.status, 405, path);
    const allowed = wrong.headers.allow.split(/, */);
    for (const method of methods.filter((name) => name !== "OPTIONS")) assert.ok(allowed.includes(method), `${path}: ${allowed}`);
    const options = await server.request("OPTIONS", path);
    assert.ok([200, 204].includes(options.status), `${path}: ${options.status}`);
    assert.match(options.headers.allow, new RegExp(methods[0]));
  }
});

test("PUT replaces: what PATCH may leave out must be there", async () => {
  const { id, segments: [{ id: part }] } = await server.story(["Before."]);
  const cases = [
    [`/api/projects/${id}/`, { title: "After" }, "title"],
    [`/api/segments/${part}/`, { text_content: "After." }, "text_content"],
    ["/api/settings/", { default_voice_id: "af_sky", tts_speed: 1 }, "default_voice_id"],
  ];
  for (const [path, body, field] of cases) {
    const put = await server.request("PUT", path, { json: body });
    assert.equal(put.status, 200, put.text);
    assert.equal(put.json[field], body[field]);
    assert.equal((await server.get(path)).json[field], body[field]);
    const partial = await server.request("PUT", path, { json: {} });
    assert.equal(partial.status, 400, path);
    assert.deepEqual(partial.json[field], ["This field is required."]);
  }
});

test("HEAD is GET without a body", async () => {
  for (const path of ["/api/projects/", `/api/projects/${project.id}/`, "/healthz", "/openapi.json", "/api/nothing"]) {
    const [get, head] = [await server.get(path), await server.head(path)];
    assert.equal(head.status, get.status, path);
    assert.equal(head.body.length, 0);
    assert.equal(head.headers["content-type"], get.headers["content-type"]);
    if (head.headers["content-length"] !== undefined) assert.equal(head.headers["content-length"], get.headers["content-length"]);
  }
});

test("HEAD of a stream has no body, not even its last chunk", async () => {
  const head = `HEAD /api/events/ HTTP/1.1\r\n${host}\r\n`;
  const answer = await server.raw(head, { until: /\r\n\r\n./s });
  assert.equal(status(answer), 200);
  assert.match(answer, /Content-Type: text\/event-stream/);
  assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), "");
});

test("a body of another type is 415", async () => {
  for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]) {
    const answer = await server.request("POST", "/api/projects/", { body: '{"title":"x"}', headers: { "Content-Type": type } });
    assert.equal(answer.status, 415, type);
    assert.match(answer.json.detail, /^Unsupported media type "[^"]+" in request\.$/);
  }
  for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"])
    assert.equal((await server.request("POST", "/api/projects/", { body: '{"title":"x"}', headers: { "Content-Type": type } })).status, 201, type);
});

test("a body that is too large is 413, however its size is told, in the dialect of its path", async () => {
  const large = JSON.stringify({ title: "x".repeat(2 << 20) });
  for (const chunked of [false, true]) {
    const headers = { "Content-Type": "application/json" };
    const answer = await server.request("POST", "/api/projects/", { body: large, headers, chunked });
    assert.equal(answer.status, 413, `chunked: ${chunked}`);
    assert.ok(answer.json.detail);
  }
  for (const chunked of [false, true]) {
    const made = form([{ name: "image", filename: "a.png", bytes: Buffer.concat([png, Buffer.alloc(6 << 20)]) }]);
    const answer = await server.request("POST", `/api/segments/${segment.id}/upload-image/`, { ...made, chunked });
    assert.equal(answer.status, 413, `upload, chunked: ${chunked}`);
    const story = JSON.stringify({ segments: Array(6).fill({ text_content: "A word. ".repeat(1 << 17) }) });
    const imported = await server.request("POST", "/api/projects/import/", { body: story, headers: { "Content-Type": "application/json" }, chunked });
    assert.equal(imported.status, 413, `story, chunked: ${chunked}`);
  }
  // What had come is removed behind the answer; later requests tell the time.
  const left = () => filesBelow(server.path()).filter((name) => /upload|staged|tmp/.test(name));
  await within(5000, "the refused files to go", (async () => {
    while (left().length > 0) await server.get("/api/settings/");
  })());
});

test("413 comes before the body is sent, to who asks first", async () => {
  const answer = await server.raw(
    `POST /api/projects/ HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n`,
    { until: /\r\n\r\n/ },
  );
  assert.equal(status(answer), 413);
});

test("Expect: 100-continue is answered", async () => {
  const body = '{"title":"Patient"}';
  const answer = await new Promise((resolve, reject) => {
    const request = http.request({
      host: "127.0.0.1", port: server.port, method: "POST", path: "/api/projects/", agent: false,
      headers: { "Content-Type": "application/json", "Content-Length": body.length, Expect: "100-continue" },
    });
    request.on("continue", () => request.end(body));
    request.on("response", (got) => (got.resume(), got.on("end", () => resolve(got))));
    request.on("error", reject);
    request.flushHeaders();
  });
  assert.equal(answer.statusCode, 201);
});

test("one connection serves many requests, and closes when asked", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set();
  for (let i = 0; i < 20; i++) {
    const answer = await server.request(i % 2 ? "GET" : "HEAD", i % 3 ? "/healthz" : "/api/nothing", { agent });
    ports.add(answer.clientPort);
  }
  agent.destroy();
  assert.equal(ports.size, 1, "the same connection throughout");
  const closing = await server.raw(`GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  assert.equal(status(closing), 200);
  const old = await server.raw(`GET /healthz HTTP/1.0\r\n${host}\r\n`);
  assert.match(old, /^HTTP\/1\.[01] 200/);
});

test("pipelined requests are answered in order", async () => {
  const one = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
  const missing = `GET /api/nothing HTTP/1.1\r\n${host}\r\n`;
  const last = `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
  const answer = await server.raw(one + missing + one.repeat(8) + last);
  assert.deepEqual(
    [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => Number(code)),
    [200, 404, ...Array(8).fill(200), 200],
  );
});

test("a request that comes byte by byte is a request", async () => {
  const answer = await within(20_000, "a slow request", new Promise((resolve, reject) => {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.setNoDelay(true);
    let got = "";
    socket.on("data", (piece) => (got += piece));
    socket.on("close", () => resolve(got));
    socket.on("error", reject);
    (async () => {
      for (const byte of `POST /api/projects/ HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{"title": "slow"}`)
        await new Promise((sent) => socket.write(byte, sent));
    })();
  }));
  assert.equal(status(answer), 201);
});

test("requests that a proxy and we could read differently are refused", async () => {
  const cases = [
    ["length and chunks", "POST /api/projects/ HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", "POST /api/projects/ HTTP/1.1\r\n" + host + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"],
    ["a negative length", "POST /api/projects/ HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n"],
    ["a length that is no number", "POST /api/projects/ HTTP/1.1\r\n" + host + "Content-Length: 4x\r\n\r\nabcd"],
    ["a chunk size that is no number", "POST /api/projects/ HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["no Host", "GET /healthz HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET /healthz HTTP/1.1\r\n" + host + host + "\r\n"],
    ["a blank before the colon", "GET /healthz HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n"],
    ["NUL in the path", "GET /api/projects/%00 HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"],
    ["a line break in the path", "GET /api/projects/%0d%0aX HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"],
    ["a bad escape", "GET /api/projects/%zz HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"],
    ["bytes that are no UTF-8", "GET /api/projects/%ff HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"],
    ["no HTTP at all", "hello\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ];
  for (const [what, bytes] of cases) {
    const answer = await server.raw(bytes, { until: /^HTTP\/1\.1 4\d\d[^]*\r\n\r\n/ });
    assert.ok(answer === "" || [400, 404, 408].includes(status(answer)), `${what}: ${answer.slice(0, 40)}`);
    assert.equal((await server.get("/healthz")).status, 200, `alive after ${what}`);
  }
});

test("headers and addresses without end are refused", async () => {
  const endless = await server.raw(`GET /healthz HTTP/1.1\r\n${host}X: ${"a".repeat(200_000)}\r\n\r\n`, { until: /\r\n\r\n/ });
  assert.ok(endless === "" || [400, 413, 431].includes(status(endless)), endless.slice(0, 40));
  const long = await server.raw(`GET /api/projects/?search=${"a".repeat(200_000)} HTTP/1.1\r\n${host}\r\n`, { until: /\r\n\r\n/ });
  assert.ok(long === "" || [400, 414, 431].includes(status(long)), long.slice(0, 40));
  const many = await server.raw(`GET /healthz HTTP/1.1\r\n${host}${"A: b\r\n".repeat(20_000)}\r\n`, { until: /\r\n\r\n/ });
  assert.ok(many === "" || [200, 400, 413, 431].includes(status(many)), many.slice(0, 40));
});

test("an address with a thousand query fields is answered", async () => {
  const fields = "a=b&".repeat(1900);
  const answer = await server.raw(`GET /api/projects/?${fields}page=1&page_size=1 HTTP/1.1\r\n${host}\r\n`, { until: /\r\n\r\n[^]*\]\}/ });
  assert.equal(status(answer), 200);
  assert.equal(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))).results.length, 1);
});

test("a header that goes on in a second line is refused, so that nobody reads another request", async () => {
  const smuggled = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
  const folded = [`Content-Length:\r\n ${smuggled.length}`, `Content-Length: 0\r\n\t${smuggled.length}`, "X-Odd: a\r\n b", "Origin: http://evil.example\r\n /"];
  for (const header of folded) {
    const bytes = `POST /api/projects/ HTTP/1.1\r\n${host}${header}\r\nContent-Type: application/json\r\n\r\n${smuggled}`;
    const answer = await server.raw(bytes);
    assert.equal(status(answer), 400, JSON.stringify(header));
    assert.match(answer, /second line/);
    assert.equal(answer.match(/HTTP\/1\.1 /g).length, 1, "what follows is not read as a request");
  }
});

test("upload forms: odd but legal ones are read", async () => {
  const path = `/api/segments/${segment.id}/upload-image/`;
  const b = "x";
  const part = (head, body) => Buffer.concat([Buffer.from(`--${b}\r\n${head}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")]);
  const end = Buffer.from(`--${b}--\r\n`);
  const file = 'Content-Disposition: form-data; name="image"; filename="a.png"';
  const forms = [
    ["plain", [part(file, png), end]],
    ["fields behind the file", [part(file, png), part('Content-Disposition: form-data; name="note"', "later"), end]],
    ["a preamble and an epilogue", ["preamble\r\n", part(file, png), end, "epilogue"]],
    ["lower-case headers", [part(file.toLowerCase(), png), end]],
    ["a file name in UTF-8", [part('Content-Disposition: form-data; name="image"; filename="灯台 é.png"', png), end]],
    ["a file name by RFC 5987", [part("Content-Disposition: form-data; name=\"image\"; filename*=UTF-8''%E7%81%AF.png", png), end]],
    ["a file name with quotes", [part('Content-Disposition: form-data; name="image"; filename="a\\"b.png"', png), end]],
    ["a path as file name", [part('Content-Disposition: form-data; name="image"; filename="C:\\\\x\\\\a.png"', png), end]],
    ["names without quotes", [part("Content-Disposition: form-data; name=image; filename=a.png", png), end]],
    ["further headers", [part(`X-Odd: 1\r\n${file}\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary`, png), end]],
    ["no line break at the end", [part(file, png), `--${b}--`]],
  ];
  for (const [what, pieces] of forms)
    for (const chunked of [false, true]) {
      const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
      const answer = await server.request("POST", path, { body, chunked, headers: { "Content-Type": `multipart/form-data; boundary=${b}` } });
      assert.equal(answer.status, 200, `${what}, chunked: ${chunked}: ${answer.text}`);
      assert.ok((await server.get(answer.json.image_file)).body.equals(png), what);
    }
  const quoted = form([{ name: "image", filename: "a.png", bytes: png }], "a b");
  quoted.headers["Content-Type"] = 'multipart/form-data; boundary="a b"';
  assert.equal((await server.request("POST", path, quoted)).status, 200, "a quoted boundary");
});

test("upload forms: broken ones are refused", async () => {
  const path = `/api/segments/${segment.id}/upload-image/`;
  const good = form([{ name: "image", filename: "a.png", bytes: png }], "x");
  const cases = [
    ["no boundary", good.body, "multipart/form-data"],
    ["another boundary", good.body, "multipart/form-data; boundary=y"],
    ["a boundary over 70 characters", good.body, `multipart/form-data; boundary=${"x".repeat(300)}`],
    ["cut off", good.body.subarray(0, good.body.length - 10), "multipart/form-data; boundary=x"],
    ["nothing", Buffer.alloc(0), "multipart/form-data; boundary=x"],
    ["garbage", Buffer.from("garbage"), "multipart/form-data; boundary=x"],
    ["a part without a name", Buffer.from("--x\r\n\r\nabc\r\n--x--\r\n"), "multipart/form-data; boundary=x"],
    ["endless part headers", Buffer.from(`--x\r\nX: ${"a".repeat(500_000)}`), "multipart/form-data; boundary=x"],
    ["thousands of fields", form(Array.from({ length: 5000 }, (_, i) => ({ name: `f${i}`, value: "x" })), "x").body, "multipart/form-data; boundary=x"],
  ];
  for (const [what, body, type] of cases) {
    const answer = await server.request("POST", path, { body, headers: { "Content-Type": type } });
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
  }
});

test("every answer carries a request id: the client's own when it is harmless", async () => {
  const made = (await server.get("/healthz")).headers["x-request-id"];
  assert.match(made, /^req_[0-9a-f]+$/);
  assert.notEqual((await server.get("/healthz")).headers["x-request-id"], made);
  const own = await server.get("/api/nothing", { headers: { "X-Request-Id": "my-id_42.x" } });
  assert.equal(own.headers["x-request-id"], "my-id_42.x");
  for (const odd of ["a b", "x".repeat(500), '"<script>"']) {
    const answer = await server.get("/healthz", { headers: { "X-Request-Id": odd } });
    assert.notEqual(answer.headers["x-request-id"], odd);
  }
});

test("nosniff and a date on every answer; no word on what software answers", async () => {
  for (const path of ["/healthz", "/api/nothing", "/api/projects/"]) {
    const { headers } = await server.get(path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 60_000, path);
  }
});

test("many clients at once get their own answers", async () => {
  const made = await Promise.all(Array.from({ length: 60 }, (_, i) => server.post("/api/projects/", { title: `Client ${i}` })));
  made.forEach(({ status: code, json }, i) => {
    assert.equal(code, 201);
    assert.equal(json.title, `Client ${i}`);
  });
  const shown = await Promise.all(made.map(({ json }) => server.get(`/api/projects/${json.id}/`)));
  shown.forEach(({ json }, i) => assert.equal(json.title, `Client ${i}`));
});

test("two writers at once: each change happens, none half", async () => {
  const story = await server.story(Array.from({ length: 10 }, (_, i) => `Segment ${i}.`));
  const ids = story.segments.map(({ id }) => id);
  const work = Array.from({ length: 100 }, (_, i) =>
    i % 4 === 0
      ? server.post("/api/segments/reorder/", { project: story.id, order: i % 8 ? ids : ids.toReversed() })
      : server.patch(`/api/segments/${ids[i % 10]}/`, { text_content: `Change ${i}.` }),
  );
  for (const { status: code } of await Promise.all(work)) assert.equal(code, 200);
  const { segments } = await server.project(story.id);
  assert.deepEqual(segments.map((s) => s.sequence_index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(segments.map(({ id }) => id).sort(), ids.toSorted());
});

test("the client that everybody has is served: fetch", async () => {
  const made = await fetch(`${server.origin}/api/projects/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title: "By fetch" }),
  });
  assert.equal(made.status, 201);
  const body = new FormData();
  body.set("file", new Blob(["Only this."], { type: "text/plain" }), "灯台.txt");
  const imported = await fetch(`${server.origin}/api/projects/import/`, { method: "POST", body });
  assert.equal(imported.status, 201);
  assert.equal((await imported.json()).title, "灯台");
});

test("an id that is nobody's is the same 404 for all methods", async () => {
  for (const method of ["GET", "PATCH", "DELETE"])
    assert.equal((await server.request(method, `/api/projects/${NOBODY}`, method === "PATCH" ? { json: { title: "x" } } : {})).status, 404);
});
