// The page as a browser gets it, out of the program, and the session that a page has where a key is set.
// Without web/dist the program has a page that says so, and these tests hold for that one too.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { serve } from "./server.mjs";

const server = await serve({ after });
const KEY = "a-key-of-ours-0123456789";
const closed = await serve({ after }, { env: { PARLANDO_API_KEY: KEY }, key: KEY });
closed.checksSchema = false; // its /openapi.json is public, and the answers are looked at one by one

const ADDRESSES = ["/", "/narrate", "/narrate/", "/narrate/0d3ff2a4-2d4f-4f8e-9b53-0f9a3f3a1c11", "/narrate/anything/?segment=7", "/transcribe/", "/models?search=german"];
const gzip = { "Accept-Encoding": "gzip, deflate, br" };

// The files index.html names, as a browser would look for them.
const assetsOf = (html) => [...html.matchAll(/(?:src|href)="(\/(?:assets\/[^"]+|favicon\.svg))"/g)].map(([, path]) => path);
const files = ["/", ...assetsOf((await server.get("/")).text)];

test("every address of the page answers the same HTML, which is asked for again each time", async () => {
  const { body } = await server.get("/");
  assert.match(body.toString(), /^<!doctype html>/i);
  assert.match(body.toString(), /<title>Parlando/);
  for (const path of ADDRESSES) {
    const answer = await server.get(path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "no-cache");
    assert.deepEqual(answer.body, body, path);
  }
  for (const path of ["/narrate/x/y", "/narrating", "/index.html", "/assets", "/assets/", "/assets/no-such-file.js", "/assets/..%2findex.html"]) {
    const answer = await server.get(path);
    assert.equal(answer.status, 404, path);
    assert.deepEqual(answer.json, { detail: "Not found." }, path);
  }
});

test("what the page names is there, and kept for a year when its name changes with its content", async () => {
  for (const path of files.slice(1)) {
    const answer = await server.get(path);
    assert.equal(answer.status, 200, path);
    assert.ok(answer.body.length > 0, path);
    const types = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", svg: "image/svg+xml", woff2: "font/woff2" };
    assert.equal(answer.headers["content-type"], types[path.split(".").pop()], path);
    const isHashed = path.startsWith("/assets/");
    assert.equal(answer.headers["cache-control"], isHashed ? "public, max-age=31536000, immutable" : "no-cache", path);
  }
});

test("gzip goes to who takes it, and is the same bytes", async () => {
  for (const path of files) {
    const [plain, packed] = [await server.get(path), await server.get(path, { headers: gzip })];
    assert.equal(plain.headers["content-encoding"], undefined, path);
    assert.equal(packed.headers["content-type"], plain.headers["content-type"]);
    if (packed.headers["content-encoding"] === undefined) {
      assert.deepEqual(packed.body, plain.body, path);
      continue;
    }
    assert.equal(packed.headers["content-encoding"], "gzip", path);
    assert.ok(packed.body.length < plain.body.length, path);
    assert.equal(Number(packed.headers["content-length"]), packed.body.length);
    assert.deepEqual(gunzipSync(packed.body), plain.body, path);
    assert.notEqual(packed.headers.etag, plain.headers.etag, "other bytes have another tag");
    for (const answer of [plain, packed]) assert.match(answer.headers.vary, /\bAccept-Encoding\b/i, path);
    for (const coding of ["identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0.0, br", ""]) {
      const refused = await server.get(path, { headers: { "Accept-Encoding": coding } });
      assert.equal(refused.headers["content-encoding"], undefined, `${path} ${coding}`);
      assert.deepEqual(refused.body, plain.body);
    }
  }
  assert.equal((await server.get("/", { headers: gzip })).headers["content-encoding"], "gzip");
});

test("who has a file already gets 304, and HEAD gets everything but the bytes", async () => {
  for (const path of files) {
    for (const headers of [{}, gzip]) {
      const get = await server.get(path, { headers });
      assert.match(get.headers.etag, /^"[0-9a-f]{32}"$/, path);
      const again = await server.get(path, { headers: { ...headers, "If-None-Match": `"x", ${get.headers.etag}` } });
      assert.equal(again.status, 304, path);
      assert.equal(again.body.length, 0);
      assert.equal(again.headers["content-encoding"], undefined);
      for (const name of ["etag", "cache-control", "vary"]) assert.equal(again.headers[name], get.headers[name], `${path} ${name}`);
      assert.equal((await server.get(path, { headers: { ...headers, "If-None-Match": '"x"' } })).status, 200);
      const head = await server.head(path, { headers });
      assert.equal(head.status, 200, path);
      assert.equal(head.body.length, 0);
      const { date: _1, "x-request-id": _2, ...wanted } = get.headers;
      const { date: _3, "x-request-id": _4, ...got } = head.headers;
      assert.deepEqual(got, wanted, path);
    }
  }
  assert.equal((await server.post("/", {})).status, 405);
});

test("the page may load and run nothing but its own, and stands in no frame", async () => {
  for (const path of [...ADDRESSES, ...files]) {
    const { headers } = await server.get(path);
    assert.equal(
      headers["content-security-policy"],
      "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      path,
    );
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.match(headers["permissions-policy"], /\bmicrophone=\(self\)/);
    assert.match(headers["permissions-policy"], /\bcamera=\(\)/);
  }
  const html = (await server.get("/")).text;
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/i, "a script inside the page would not run");
  assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//i, "nothing comes from elsewhere");
});

// index.html names scripts only where the page was built; the licences come with them.
test("the licences of what the page is made with come along", async () => {
  const { status, text, headers } = await server.get("/licenses.txt");
  const isBuilt = files.some((path) => path.endsWith(".js"));
  assert.equal(status, isBuilt ? 200 : 404);
  if (!isBuilt) return;
  assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  assert.equal(headers["cache-control"], "no-cache");
  for (const name of ["react", "react-dom", "lucide-react", "wavesurfer.js", "tailwindcss"])
    assert.match(text, new RegExp(`^## ${name} - [\\d.]+ \\((MIT|ISC|BSD-3-Clause)\\)\\n+.*licen[cs]e`, "ims"), name);
  assert.equal((await closed.get("/licenses.txt")).status, 200, "public, as the page is");
});

test("/api/ says what this is, to programs", async () => {
  for (const path of ["/api/", "/api"]) {
    const { status, json } = await server.get(path);
    assert.equal(status, 200);
    assert.equal(json.name, "Parlando");
    assert.equal((await server.get(json.projects)).status, 200);
    assert.equal((await server.get(json.openapi)).status, 200);
  }
});

// --- where a key is set ---

const DATA = ["/api/projects/", "/api/settings/", "/api/tasks/", "/metrics"];

// What a browser sends back of Set-Cookie, and what it was told about it.
function cookieOf(answer) {
  assert.equal(answer.headers["set-cookie"]?.length, 1);
  const [pair, ...attributes] = answer.headers["set-cookie"][0].split("; ");
  return { pair, attributes: attributes.sort() };
}

async function openSession(headers = {}) {
  const answer = await closed.post("/api/session/", { key: KEY }, { headers });
  assert.equal(answer.status, 204, answer.text);
  return cookieOf(answer);
}

test("the page is public where a key is set, and the studio's data is not", async () => {
  for (const path of [...ADDRESSES, ...files]) assert.equal((await closed.get(path)).status, 200, path);
  for (const path of DATA) assert.equal((await closed.get(path)).status, 401, path);
});

test("the key opens a session, whose cookie stands for the key", async () => {
  const { pair, attributes } = await openSession();
  assert.match(pair, /^parlando_session=[0-9a-f]{64}$/);
  assert.deepEqual(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict"]);
  for (const Cookie of [pair, `theme=dark; ${pair}`, `${pair};a=b`, `parlando_session=old; ${pair}`]) {
    for (const path of DATA) assert.equal((await closed.get(path, { headers: { Cookie } })).status, 200, `${path} ${Cookie}`);
    assert.equal((await closed.post("/api/projects/", { title: "x" }, { headers: { Cookie } })).status, 201);
  }
  assert.equal((await openSession()).pair, pair, "it follows from the key");
});

test("recordings and event streams take the session, since they can send no header", async () => {
  const { pair: Cookie } = await openSession();
  const headers = { Cookie };
  const story = { title: "x", segments: [{ text_content: "One." }] };
  const { json } = await closed.post("/api/projects/import/", story, { headers });
  const started = await closed.post(`/api/projects/${json.id}/generate-all-audio/`, {}, { headers });
  assert.equal(started.status, 202, started.text);

  const refused = await closed.events(started.json.task_id).open();
  assert.equal(refused.status, 401);
  refused.close();
  const stream = await closed.events(started.json.task_id, headers).open();
  assert.equal(stream.status, 200);
  let last;
  for await (const { data } of stream) if ((last = JSON.parse(data)).status === "COMPLETED") break;
  stream.close();
  assert.equal(last.status, "COMPLETED");

  const [segment] = (await closed.get(`/api/projects/${json.id}/`, { headers })).json.segments;
  const path = new URL(segment.audio_file, "http://x").pathname;
  assert.equal((await closed.get(path)).status, 401);
  const audio = await closed.get(path, { headers });
  assert.equal(audio.status, 200);
  assert.equal(audio.body.subarray(0, 4).toString(), "RIFF");
});

test("a wrong session is a wrong key", async () => {
  const { pair } = await openSession();
  const wrong = [`${pair}0`, pair.slice(0, -1), pair.toUpperCase(), `x${pair}`, `x=${pair}`, "parlando_session=", "parlando_session", `parlando_session=${KEY}`, `parlando_session=${"0".repeat(64)}`];
  for (const Cookie of wrong) assert.equal((await closed.get("/api/projects/", { headers: { Cookie } })).status, 401, Cookie);
  const { json } = await closed.get("/api/projects/", { headers: { Cookie: `parlando_session=${"0".repeat(64)}` } });
  assert.deepEqual(json, { detail: "Incorrect authentication credentials." });
  const long = await closed.get("/api/projects/", { headers: { Cookie: `${"a=b; ".repeat(200)}${pair}` } });
  assert.equal(long.status, 200, "with those of other programs on this host");
});

test("a session ends with its key", async (t) => {
  const { pair: Cookie } = await openSession();
  const other = await serve(t, { env: { PARLANDO_API_KEY: `${KEY}-2` }, key: `${KEY}-2` });
  other.checksSchema = false;
  assert.equal((await other.get("/api/projects/", { headers: { Cookie } })).status, 401);
});

test("a wrong key opens nothing", async () => {
  for (const key of ["", "x", `${KEY}x`, KEY.slice(0, -1), KEY.toUpperCase(), ` ${KEY}`]) {
    const answer = await closed.post("/api/session/", { key });
    assert.equal(answer.status, 401, key);
    assert.deepEqual(answer.json, { detail: "Incorrect authentication credentials." });
    assert.equal(answer.headers["set-cookie"], undefined);
  }
  for (const [body, message] of [[{}, "This field is required."], [{ key: 7 }, "Not a valid string."], [{ key: "x".repeat(5000) }, undefined]]) {
    const answer = await closed.post("/api/session/", body);
    assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 40));
    assert.ok(answer.json.key[0]);
    if (message) assert.equal(answer.json.key[0], message);
  }
});

test("pages elsewhere open and close no session", async () => {
  const headers = { Origin: "https://evil.example" };
  assert.equal((await closed.post("/api/session/", { key: KEY }, { headers })).status, 403);
  assert.equal((await closed.del("/api/session/", { headers })).status, 403);
  const { pair } = await openSession();
  const change = await closed.post("/api/projects/", { title: "x" }, { headers: { ...headers, Cookie: pair } });
  assert.equal(change.status, 403, "the cookie does not excuse a foreign page");
});

test("closing a session takes the cookie back, also an old one", async () => {
  for (const headers of [{}, { Cookie: "parlando_session=of-another-key" }, { Cookie: (await openSession()).pair }]) {
    const answer = await closed.del("/api/session/", { headers });
    assert.equal(answer.status, 204);
    assert.deepEqual(cookieOf(answer), { pair: "parlando_session=", attributes: ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Strict"] });
  }
});

test("over https the cookie stays there", async () => {
  const { attributes } = await openSession({ "X-Forwarded-Proto": "https" });
  assert.ok(attributes.includes("Secure"), attributes.join());
});

test("where no key is set there is nothing to open", async () => {
  const answer = await server.post("/api/session/", { key: "anything" });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers["set-cookie"], undefined);
});
