// The peer of the speech bench: kokoro-js behind node:http, as small as it goes.
// speech-peer.mjs MODEL WIDTH. Prints its port. POST / {"input", "voice", "stream"} answers 16-bit PCM at
// 24 kHz: sentence by sentence with "stream", else whole. WIDTH requests are spoken at a time.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { TextSplitterStream } from "kokoro-js";
import { openPeer } from "./peer.mjs";

const [modelFile, width] = process.argv.slice(2);
const vocabulary = JSON.parse(readFileSync(new URL("../data/kokoro_vocab.json", import.meta.url), "utf8"));
const tts = await openPeer(modelFile, vocabulary);

let free = Number(width);
const waiting = [];

function enter() {
  if (free > 0) {
    free--;
    return Promise.resolve();
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function leave() {
  const next = waiting.shift();
  if (next) next();
  else free++;
}

function pack(samples) {
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, i) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32767), i * 2));
  return bytes;
}

function sentences(text, voice) {
  const splitter = new TextSplitterStream();
  splitter.push(text);
  splitter.close();
  return tts.stream(splitter, { voice });
}

async function answer(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { input, voice, stream } = JSON.parse(Buffer.concat(parts).toString());
  await enter();
  try {
    response.writeHead(200, { "Content-Type": "audio/pcm" });
    const pieces = [];
    for await (const { audio } of sentences(input, voice)) {
      if (stream) response.write(pack(audio.audio));
      else pieces.push(pack(audio.audio));
    }
    response.end(Buffer.concat(pieces));
  } finally {
    leave();
  }
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
