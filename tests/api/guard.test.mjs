// Who may ask what: keys, hosts, origins.
import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { after, test } from "node:test";
import { serve } from "./server.mjs";

const open = await serve({ after });
const KEY = "a-key-of-ours-0123456789";
const closed = await serve({ after }, { env: { PARLANDO_API_KEY: KEY }, key: KEY });
closed.checksSchema = false;

const create = (server, headers) => server.post("/api/projects/", { title: "x" }, { headers });

test("Host must be one of ours, against pages that rebind their name to us", async () => {
  const { port } = open;
  const good = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost", `LOCALHOST:${port}`];
  const bad = [`evil.example:${port}`, "evil.example", `127.0.0.1.evil.example:${port}`, `localhost.evil.example:${port}`, `192.168.1.7:${port}`];
  for (const host of good) assert.equal((await open.get("/api/projects/", { headers: { Host: host } })).status, 200, host);
  for (const host of bad) {
    const answer = await open.get("/api/projects/", { headers: { Host: host } });
    assert.ok([403, 421].includes(answer.status), `${host}: ${answer.status}`);
    assert.ok(answer.json.detail);
  }
});

test("other names of this machine can be allowed", async (t) => {
  const server = await serve(t, { args: ["--allowed-hosts", "studio.local, box"] });
  for (const host of ["studio.local", `box:${server.port}`]) assert.equal((await server.get("/healthz", { headers: { Host: host } })).status, 200, host);
  assert.equal((await server.get("/healthz", { headers: { Host: "other.local" } })).status, 421);
});

test("pages elsewhere may not change anything, ours and tools may", async () => {
  const { port } = open;
  const good = [
    {},
    { Origin: `http://127.0.0.1:${port}` },
    { Origin: `http://localhost:${port}` },
    { Origin: `http://127.0.0.1:${port}`, "Sec-Fetch-Site": "same-origin" },
    { "Sec-Fetch-Site": "none" },
    { "Sec-Fetch-Site": "same-origin" },
  ];
  const bad = [
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: `http://127.0.0.1:${port + 1}` },
    { Origin: `http://evil.example:${port}` },
    { Origin: `http://127.0.0.1.evil.example:${port}` },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
  ];
  for (const headers of good) assert.equal((await create(open, headers)).status, 201, JSON.stringify(headers));
  const before = (await open.get("/api/projects/")).json.length;
  for (const headers of bad) {
    const { status, json } = await create(open, headers);
    assert.equal(status, 403, JSON.stringify(headers));
    assert.equal(json.detail, "You do not have permission to perform this action.");
    assert.equal((await open.get("/api/projects/", { headers })).status, 200, "reading changes nothing");
  }
  assert.equal((await open.get("/api/projects/")).json.length, before);
});

test("every method that changes something is guarded", async () => {
  const { json } = await create(open);
  const headers = { Origin: "https://evil.example" };
  const calls = [
    ["POST", "/api/projects/import/"],
    ["PATCH", `/api/projects/${json.id}/`],
    ["DELETE", `/api/projects/${json.id}/`],
    ["PATCH", "/api/settings/"],
    ["POST", `/api/projects/${json.id}/generate-all-audio/`],
    ["POST", "/api/tasks/x/cancel/"],
  ];
  for (const [method, path] of calls) assert.equal((await open.request(method, path, { headers, json: {} })).status, 403, `${method} ${path}`);
  assert.equal((await open.get(`/api/projects/${json.id}/`)).status, 200);
});

test("CORS is closed unless configured", async (t) => {
  const origin = "https://studio.example";
  const preflight = { Origin: origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "content-type,authorization" };
  for (const answer of [
    await open.get("/api/projects/", { headers: { Origin: origin } }),
    await open.request("OPTIONS", "/api/projects/", { headers: preflight }),
  ])
    assert.equal(answer.headers["access-control-allow-origin"], undefined);

  const server = await serve(t, { args: ["--allowed-origins", `${origin}, http://localhost:3000`] });
  const allowed = await server.request("OPTIONS", "/api/projects/", { headers: preflight });
  assert.ok([200, 204].includes(allowed.status));
  assert.equal(allowed.headers["access-control-allow-origin"], origin);
  assert.match(allowed.headers["access-control-allow-methods"], /PATCH|GET|POST/);
  assert.match(allowed.headers["access-control-allow-headers"], /content-type/i);
  assert.match(allowed.headers["access-control-allow-headers"], /authorization/i);
  const read = await server.get("/api/projects/", { headers: { Origin: origin } });
  assert.equal(read.headers["access-control-allow-origin"], origin);
  assert.match(read.headers.vary, /origin/i);
  assert.match(read.headers["access-control-expose-headers"] ?? "x-request-id", /x-request-id/i);
  assert.equal((await create(server, { Origin: origin, "Sec-Fetch-Site": "cross-site" })).status, 201);
  const other = await server.get("/api/projects/", { headers: { Origin: "https://evil.example" } });
  assert.equal(other.headers["access-control-allow-origin"], undefined);
  assert.equal((await create(server, { Origin: "https://evil.example" })).status, 403);
});

test("with a key, every call needs it, in the dialect of its path", async () => {
  const good = [{ Authorization: `Bearer ${KEY}` }, { Authorization: `bearer ${KEY}` }, { "xi-api-key": KEY }];
  for (const headers of good) assert.equal((await closed.get("/api/projects/", { headers })).status, 200, JSON.stringify(headers));

  const missing = await closed.get("/api/projects/");
  assert.equal(missing.status, 401);
  assert.deepEqual(missing.json, { detail: "Authentication credentials were not provided." });
  assert.match(missing.headers["www-authenticate"], /^Bearer/);
  const bad = [`Bearer ${KEY}x`, `Bearer ${KEY.slice(0, -1)}`, "Bearer ", "Bearer", `Basic ${KEY}`, KEY, `Bearer ${KEY.toUpperCase()}`, "Bearer x".repeat(100)];
  for (const value of bad) {
    const { status, json, headers } = await closed.get("/api/projects/", { headers: { Authorization: value } });
    assert.equal(status, 401, value.slice(0, 40));
    assert.deepEqual(json, { detail: "Incorrect authentication credentials." });
    assert.match(headers["www-authenticate"], /^Bearer/);
  }
  for (const path of ["/api/projects/", "/api/segments/", "/api/settings/", "/api/tasks/x/status/", "/media/projects/x", "/api/history/", "/api/profiles/", "/api/models/", "/v1/user", "/api/nothing", "/metrics"])
    assert.equal((await closed.get(path)).status, 401, path);
  assert.equal((await closed.get("/v1/models")).status, 200, "listings are open on loopback: listings.test.mjs");
  assert.equal((await closed.post("/v1/audio/speech", { input: "Hm." }, { headers: {} })).status, 401);
  assert.equal((await closed.get(`/api/projects/?api_key=${KEY}`)).status, 401, "never from the address");
  assert.equal((await closed.get("/v1/nothing")).json.error.code, "invalid_api_key");
});

test("health answers without a key and gives nothing away", async () => {
  const health = await closed.get("/healthz");
  assert.equal(health.status, 200);
  assert.ok(!health.text.includes(closed.data));
  assert.equal((await closed.get("/readyz")).status, 200);
});

test("why it is not ready is told without paths, and with them in the log", async (t) => {
  const server = await serve(t, { env: { PARLANDO_API_KEY: KEY } });
  const away = `${server.data}-away`;
  server.expect(/\[api\] not ready: /, /\[jobs\] The queue/); // the queue may look just then
  renameSync(server.data, away);
  const { status, json, text } = await server.get("/readyz");
  renameSync(away, server.data);
  assert.equal(status, 503);
  assert.match(json.checks.find(({ name }) => name === "data_folder").reason, /data folder/);
  assert.ok(!text.includes("/"), text);
  assert.equal((await server.get("/readyz")).status, 200);
  await server.stop();
  assert.ok(server.stderr.includes(`not ready: Cannot write to ${server.data}`), server.stderr);
});

test("a key does not open the door to other sites", async () => {
  const headers = { Authorization: `Bearer ${KEY}`, Origin: "https://evil.example" };
  assert.equal((await create(closed, headers)).status, 403);
  assert.equal((await create(closed, { ...headers, Origin: `http://127.0.0.1:${closed.port}` })).status, 201);
});

test("the key is in no log", async (t) => {
  const server = await serve(t, { env: { PARLANDO_API_KEY: KEY }, args: ["--log-level", "debug"], key: KEY });
  server.checksSchema = false;
  await server.get("/api/projects/", { headers: { Authorization: `Bearer ${KEY}` } });
  await server.get("/api/projects/", { headers: { Authorization: `Bearer wrong-${KEY}` } });
  await server.stop();
  assert.ok(!server.stderr.includes(KEY));
  assert.ok(!server.stdout.includes(KEY));
});
