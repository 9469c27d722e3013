import assert from "node:assert/strict";
import { after, test } from "node:test";
import http from "node:http";
import { symlinkSync, writeFileSync } from "node:fs";
import { NOBODY } from "./fixtures.mjs";
import { serve } from "./server.mjs";

const server = await serve({ after });
const project = await server.story(["It was a bright cold day in April, and the clocks were striking thirteen."]);
await server.narrate(project.id);
const url = (await server.segment(project.segments[0].id)).audio_file;
const whole = await server.get(url);
const { length } = whole.body;
const { etag, "last-modified": modified } = whole.headers;
const range = (value, headers = {}) => server.get(url, { headers: { Range: value, ...headers } });

test("a recording is served whole with what players need", () => {
  assert.equal(whole.status, 200);
  assert.equal(whole.headers["content-type"], "audio/wav");
  assert.equal(whole.headers["accept-ranges"], "bytes");
  assert.equal(Number(whole.headers["content-length"]), length);
  assert.match(etag, /^"[^"]+"$/);
  assert.ok(Math.abs(Date.parse(modified) - Date.now()) < 120_000);
  assert.equal(whole.headers["x-content-type-options"], "nosniff");
  assert.equal(whole.body.toString("latin1", 0, 4), "RIFF");
});

test("HEAD has the same headers and no body", async () => {
  const head = await server.head(url);
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  for (const name of ["content-type", "content-length", "etag", "last-modified", "accept-ranges"])
    assert.equal(head.headers[name], whole.headers[name], name);
});

test("single ranges", async () => {
  const cases = [
    ["bytes=0-0", 0, 0],
    ["bytes=0-1", 0, 1],
    ["bytes=44-99", 44, 99],
    ["bytes=100-", 100, length - 1],
    [`bytes=${length - 1}-`, length - 1, length - 1],
    ["bytes=-1", length - 1, length - 1],
    ["bytes=-100", length - 100, length - 1],
    [`bytes=-${length * 2}`, 0, length - 1],
    [`bytes=0-${length * 2}`, 0, length - 1],
    ["bytes=0-", 0, length - 1],
    ["bytes= 0-9", 0, 9],
    ["Bytes=0-9", 0, 9],
  ];
  for (const [header, first, last] of cases) {
    const { status, headers, body } = await range(header);
    assert.equal(status, 206, header);
    assert.equal(headers["content-range"], `bytes ${first}-${last}/${length}`, header);
    assert.equal(Number(headers["content-length"]), last - first + 1);
    assert.equal(headers.etag, etag);
    assert.ok(body.equals(whole.body.subarray(first, last + 1)), header);
  }
});

test("several ranges come as parts", async () => {
  const { status, headers, body } = await range("bytes=0-3,100-199, -10");
  assert.equal(status, 206);
  const boundary = /^multipart\/byteranges; *boundary="?([^"]+)"?$/.exec(headers["content-type"])[1];
  assert.equal(Number(headers["content-length"]), body.length);
  const text = body.toString("latin1");
  assert.ok(text.endsWith(`--${boundary}--\r\n`) || text.endsWith(`--${boundary}--`));
  const parts = text.split(`--${boundary}`).slice(1, -1);
  const expected = [[0, 3], [100, 199], [length - 10, length - 1]];
  assert.equal(parts.length, expected.length);
  parts.forEach((part, i) => {
    const [head, ...rest] = part.split("\r\n\r\n");
    const [first, last] = expected[i];
    assert.match(head, /content-type: audio\/wav/i);
    assert.match(head, new RegExp(`content-range: bytes ${first}-${last}/${length}`, "i"));
    assert.equal(rest.join("\r\n\r\n").slice(0, last - first + 1), whole.body.toString("latin1", first, last + 1));
  });
});

test("ranges that cannot be met are 416 with the length", async () => {
  for (const header of [`bytes=${length}-`, `bytes=${length}-${length + 5}`, "bytes=-0", `bytes=${length}-,${length + 9}-`]) {
    const { status, headers, body } = await range(header);
    assert.equal(status, 416, header);
    assert.equal(headers["content-range"], `bytes */${length}`);
    assert.ok(body.length < 1000);
  }
});

test("what is no range is ignored", async () => {
  for (const header of ["bytes=9-5", "bytes=a-b", "bytes=", "bytes=-", "items=0-5", "bytes=1", "bytes=0-5;6", "bytes 0-5", "bytes=99999999999999999999-"]) {
    const { status } = await range(header);
    assert.ok(status === 200 || (header.includes("9999") && status === 416), `${header}: ${status}`);
  }
});

test("a flood of ranges is not answered piece by piece", async () => {
  const many = Array.from({ length: 2000 }, (_, i) => `${i}-${i}`).join(",");
  const { status, body } = await range(`bytes=${many}`);
  assert.ok([200, 416, 431].includes(status) || body.length < length * 2, `${status}, ${body.length} bytes`);
  const overlapping = await range(`bytes=${Array(20).fill("0-").join(",")}`);
  assert.ok(overlapping.body.length < length * 3, "the same bytes are not sent twenty times");
});

test("If-Range: the part when it is still the same, else the whole", async () => {
  const cases = [
    [etag, 206],
    ['"another"', 200],
    [`W/${etag}`, 200],
    [modified, [200, 206]],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 200],
    ["nonsense", 200],
  ];
  for (const [value, wanted] of cases) {
    const { status, body } = await range("bytes=0-9", { "If-Range": value });
    assert.ok([wanted].flat().includes(status), `If-Range: ${value}: ${status}`);
    assert.equal(body.length, status === 206 ? 10 : length);
  }
});

test("conditional requests", async () => {
  const cases = [
    [{ "If-None-Match": etag }, 304],
    [{ "If-None-Match": `W/${etag}` }, 304],
    [{ "If-None-Match": `"x", ${etag}` }, 304],
    [{ "If-None-Match": "*" }, 304],
    [{ "If-None-Match": '"x"' }, 200],
    [{ "If-Modified-Since": modified }, 304],
    [{ "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" }, 200],
    [{ "If-Modified-Since": "nonsense" }, 200],
    [{ "If-None-Match": '"x"', "If-Modified-Since": modified }, 200],
    [{ "If-None-Match": etag, Range: "bytes=0-9" }, 304],
    [{ "If-Match": etag }, 200],
    [{ "If-Match": '"x"' }, [200, 412]],
  ];
  for (const [headers, wanted] of cases)
    for (const method of ["GET", "HEAD"]) {
      const answer = await server.request(method, url, { headers });
      assert.ok([wanted].flat().includes(answer.status), `${method} ${JSON.stringify(headers)}: ${answer.status}`);
      if (answer.status === 304) {
        assert.equal(answer.body.length, 0);
        assert.equal(answer.headers.etag, etag);
      }
    }
});

test("paths cannot leave the media folder, and folders are no files", async () => {
  writeFileSync(server.path("secret.txt"), "secret");
  const outside = [
    "/media/../studio.db",
    "/media/%2e%2e/studio.db",
    "/media/..%2fstudio.db",
    "/media/projects/../../secret.txt",
    `/media/projects/${project.id}/../../../secret.txt`,
    `/media/projects/${project.id}/audio/..%2f..%2f..%2f..%2fsecret.txt`,
    "/media//etc/passwd",
    "/media/%2fetc/passwd",
    "/media/projects/%00",
    `/media/projects/${project.id}/audio/`,
    `/media/projects/${project.id}`,
    "/media/",
    "/media",
    `/media/projects/${project.id}/audio/${NOBODY}.wav`,
    `/media/projects/${NOBODY}/audio/${NOBODY}.wav`,
    "/media/staged/x",
    "/media/" + "a/".repeat(500),
    "/media/" + "a".repeat(3000),
    "/media/%ff%fe.wav",
    "/media/a%0ab.wav",
  ];
  for (const path of outside) {
    const answer = await server.raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 (400|403|404|414) /, path.slice(0, 80));
    assert.doesNotMatch(answer, /SQLite format|secret|root:/, path);
  }
});

test("links below the media folder lead nowhere outside", async () => {
  const audio = server.media("projects", project.id, "audio");
  writeFileSync(server.path("secret.txt"), "secret");
  symlinkSync(server.path("secret.txt"), `${audio}/link.wav`);
  symlinkSync(server.data, `${audio}/folder`);
  for (const name of ["link.wav", "folder/secret.txt", "folder/studio.db"])
    assert.equal((await server.get(`/media/projects/${project.id}/audio/${name}`)).status, 404, name);
});

test("a recording that is replaced while it is read stays whole for who reads it", async () => {
  const long = await server.story(["The quick brown fox jumps over the lazy dog. ".repeat(600)]);
  await server.narrate(long.id);
  const { audio_file, id } = await server.segment(long.segments[0].id);
  const before = (await server.get(audio_file)).body;
  const slow = new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port: server.port, path: audio_file }, async (answer) => {
      await server.patch(`/api/segments/${id}/`, { text_content: "Short." });
      await server.narrate(long.id);
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => resolve(Buffer.concat(pieces)));
      answer.on("error", reject);
    });
  });
  assert.ok((await slow).equals(before));
  assert.ok((await server.get((await server.segment(id)).audio_file)).body.length < before.length);
});

test("other methods on a recording are not allowed", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    const { status, headers } = await server.request(method, url);
    assert.equal(status, 405, method);
    assert.match(headers.allow, /GET/);
  }
});
