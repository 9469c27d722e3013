// The same two answers as Parlando's, by Node's http: a project that is held as objects (read once)
// and written as JSON for each request, and a recording streamed with Range.
import { createReadStream, readFileSync, statSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";

const [, , data, port, projectFile] = process.argv;
const project = JSON.parse(readFileSync(projectFile, "utf8"));

function sendRecording(request, response) {
  const path = join(data, request.url);
  const { size } = statSync(path);
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const first = wanted ? Number(wanted[1]) : 0;
  const last = wanted?.[2] ? Math.min(Number(wanted[2]), size - 1) : size - 1;
  response.writeHead(wanted ? 206 : 200, {
    "Content-Type": "audio/wav",
    "Accept-Ranges": "bytes",
    "Content-Length": last - first + 1,
    ...(wanted && { "Content-Range": `bytes ${first}-${last}/${size}` }),
  });
  createReadStream(path, { start: first, end: last }).pipe(response);
}

http
  .createServer((request, response) => {
    if (request.url === `/api/projects/${project.id}/`) {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(project));
    } else if (request.url.startsWith("/media/") && !request.url.includes("..")) {
      sendRecording(request, response);
    } else {
      response.writeHead(404, { "Content-Type": "application/json" });
      response.end('{"detail":"Not found."}');
    }
  })
  .listen(Number(port), "127.0.0.1");
