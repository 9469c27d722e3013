// See bench/speech. Both servers run at the same time and are asked in turn, so that whatever else the
// machine does strikes both; the one that is not asked is idle.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { wavOf } from "../tests/api/real_speech.mjs";
import { distance, wordsOf } from "../tests/api/words.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.PARLANDO ?? join(here, "..", "build", "parlando");
const rounds = Number(process.argv[2] ?? 5);
const RATE = 24000;

const TWO_SENTENCES =
  "The lighthouse keeper climbed the stairs as he had done every evening for thirty years. " +
  "Tonight, for the first time, somebody was waiting for him at the top.";

const SPEAKERS = [
  ["af_bella", "The train to Edinburgh leaves from platform nine in a quarter of an hour."],
  ["am_adam", "Nobody expected the violin to survive the fire, but it did."],
  ["bf_emma", "Please put the blue cups on the highest shelf of the kitchen."],
  ["bm_george", "A storm is coming, and the fishing boats are still at sea."],
  ["af_sarah", "My grandmother kept a garden full of tomatoes and sunflowers."],
  ["am_michael", "The museum opens at ten and closes at half past five."],
  ["af_nicole", "We walked along the river until the street lamps went out."],
  ["bf_isabella", "Two small dogs chased a yellow ball across the empty beach."],
  ["bm_lewis", "The professor forgot his umbrella in the library again."],
  ["af_sky", "Every winter the mountain road is closed because of snow."],
  ["am_fenrir", "She wrote the letter slowly and burned it before breakfast."],
  ["af_heart", "Fresh bread and strong coffee are waiting in the bakery."],
  ["am_puck", "The pilot apologised for the delay and dimmed the lights."],
  ["af_nova", "Our neighbour repairs old clocks in the shed behind his house."],
  ["am_onyx", "The judge listened quietly and asked a single question."],
  ["bf_alice", "Green apples taste better when the morning air is cold."],
];

// ---- servers ----

function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`${child.spawnargs.join(" ")} ended with ${code}`)));
  });
}

const folder = mkdtempSync(join(tmpdir(), "parlando-bench-"));
const children = [];

async function start(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return { child, line: await firstLine(child) };
}

async function startOurs() {
  const { child, line } = await start(program, ["serve", "--port", "0", "--data", join(folder, "data"), "--engine", "kokoro", "--log-level", "warning"]);
  const address = line.match(/http:\S+/)[0];
  return {
    name: "parlando",
    pid: child.pid,
    request: (input, voice) => [`${address}v1/audio/speech`, { model: "kokoro", input, voice, response_format: "pcm", save_history: false }],
  };
}

async function startPeer(name, width, stream) {
  const models = execFileSync(program, ["models", "path"]).toString().trim();
  const { child, line } = await start("node", [join(here, "speech-peer.mjs"), join(models, "kokoro", "model.onnx"), String(width)]);
  return { name, pid: child.pid, request: (input, voice) => [`http://127.0.0.1:${line}/`, { input, voice, stream }] };
}

// ---- one request ----

async function speak(server, input, voice) {
  const [url, body] = server.request(input, voice);
  const begun = performance.now();
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${server.name}: ${response.status} ${await response.text()}`);
  const pieces = [];
  let first = 0;
  for await (const piece of response.body) {
    first ||= (performance.now() - begun) / 1000;
    pieces.push(piece);
  }
  const pcm = Buffer.concat(pieces);
  return { first, whole: (performance.now() - begun) / 1000, audio: pcm.length / 2 / RATE, pcm };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const span = (list) => `${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)}`;

// ---- the first audio byte ----

async function measureFirstByte(ours, peers) {
  const times = new Map([ours, ...peers].map((server) => [server, []]));
  for (let round = 0; round < rounds; round++)
    for (const server of times.keys()) times.get(server).push((await speak(server, TWO_SENTENCES, "af_bella")).first);
  console.log(`\nfirst audio byte of a two-sentence request, ${rounds} interleaved rounds, medians (s)\n`);
  for (const [server, list] of times) {
    const ratios = times.get(ours).map((time, i) => time / list[i]);
    console.log(`${server.name.padEnd(34)}${median(list).toFixed(3)}   parlando takes ${median(ratios).toFixed(2)} of it (${span(ratios)})`);
  }
}

// ---- sixteen at once ----

function memory(pid) {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)]).toString()) / 1024;
}

async function speakAll(server) {
  const begun = performance.now();
  const answers = await Promise.all(SPEAKERS.map(([voice, text]) => speak(server, text, voice)));
  const wall = (performance.now() - begun) / 1000;
  const words = SPEAKERS.reduce((sum, [, text]) => sum + text.split(" ").length, 0);
  return { answers, wall, words: words / wall, last: Math.max(...answers.map((a) => a.first)), memory: memory(server.pid) };
}

// Which of the sixteen texts does each answer say?
function transcribeAll(answers) {
  let own = 0;
  let wrong = 0;
  let words = 0;
  answers.forEach(({ pcm }, i) => {
    const file = join(folder, `${i}.wav`);
    writeFileSync(file, wavOf(pcm, RATE));
    const heard = wordsOf(execFileSync(program, ["transcribe", "--quiet", "--format", "text", file]).toString());
    const distances = SPEAKERS.map(([, text]) => distance(wordsOf(text), heard));
    own += distances.indexOf(Math.min(...distances)) === i;
    wrong += distances[i];
    words += wordsOf(SPEAKERS[i][1]).length;
  });
  return `${own} of ${answers.length} transcribe to their own text; ${wrong} of ${words} words differ`;
}

async function measureSixteen(ours, peers) {
  const runs = new Map([ours, ...peers].map((server) => [server, []]));
  const before = memory(ours.pid);
  const few = Math.min(rounds, 3);
  for (let round = 0; round < few; round++) for (const server of runs.keys()) runs.get(server).push(await speakAll(server));
  console.log(`\nsixteen speakers at once, ${few} interleaved rounds, medians\n`);
  for (const [server, list] of runs) {
    const ratios = runs.get(ours).map((run, i) => run.words / list[i].words);
    console.log(`${server.name.padEnd(34)}${median(list.map((r) => r.words)).toFixed(1)} words/s, ${median(list.map((r) => r.wall)).toFixed(1)} s in all, last to begin after ${median(list.map((r) => r.last)).toFixed(1)} s, ${Math.max(...list.map((r) => r.memory)).toFixed(0)} MB   parlando: ${median(ratios).toFixed(2)}x (${span(ratios)})`);
  }
  console.log(`\nparlando's memory before: ${before.toFixed(0)} MB`);
  console.log(`parlando: ${transcribeAll(runs.get(ours)[0].answers)}`);
}

try {
  const ours = await startOurs();
  const whole = await startPeer("kokoro-js, whole answers", 1, false);
  const streamed = { ...whole, name: "kokoro-js, sentence by sentence", request: (input, voice) => [whole.request(input, voice)[0], { input, voice, stream: true }] };
  const wide = await startPeer("kokoro-js, four at a time", 4, true);
  for (const server of [ours, whole, wide]) await speak(server, "Hello, how are you today?", "af_bella"); // loads
  await measureFirstByte(ours, [whole, streamed]);
  await measureSixteen(ours, [{ ...streamed, name: "kokoro-js, one at a time" }, wide]);
} finally {
  for (const child of children) child.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
