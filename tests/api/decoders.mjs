// Sound judged by others: each format is decoded by a program that shares no code with FFmpeg, which
// Parlando encodes with (mpg123, libopus, libFLAC, FAAD2). They refuse or mention what is not right.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const programs = {
  mp3: (input, output) => ["mpg123", "--quiet", "--wav", output, input],
  opus: (input, output) => ["opusdec", "--quiet", input, output],
  aac: (input, output) => ["faad", "-q", "-o", output, input],
  flac: (input, output) => ["flac", "--decode", "--silent", "-o", output, input],
};

export const formats = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

// What each is announced as.
export const mediaTypes = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/pcm",
};

function runDecoder(format, bytes) {
  const folder = mkdtempSync(join(tmpdir(), "parlando-decode-"));
  const [input, output] = [join(folder, `in.${format}`), join(folder, "out.wav")];
  try {
    writeFileSync(input, bytes);
    const [program, ...args] = programs[format](input, output);
    const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
    assert.ok(!error, `${program} decodes ${format} in the tests: ${error?.message}`);
    assert.equal(status, 0, `${program}: ${stderr}`);
    // A FLAC that is streamed cannot have the checksum of what is still to come in its header.
    const remarks = stderr.split("\n").filter((line) => /\w/.test(line) && !/MD5/.test(line));
    assert.deepEqual(remarks, [], `what ${program} has to say of it`);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The chunks of a RIFF file. One whose length was not known when it was written (0xFFFFFFFF, also 0 by
// some decoders) goes on to the end.
function chunksOf(bytes) {
  assert.equal(bytes.toString("latin1", 0, 4), "RIFF");
  assert.equal(bytes.toString("latin1", 8, 12), "WAVE");
  const chunks = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const announced = bytes.readUInt32LE(at + 4);
    const isOpen = announced === 0xffffffff || announced === 0;
    const size = isOpen ? bytes.length - at - 8 : announced;
    chunks[bytes.toString("latin1", at, at + 4)] = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  return chunks;
}

const samplesOf = (bytes) => Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));

function fromWav(bytes) {
  const { "fmt ": form, data } = chunksOf(bytes);
  const channels = form.readUInt16LE(2);
  assert.equal(form.readUInt16LE(14), 16, "16 bits");
  const every = samplesOf(data);
  return { rate: form.readUInt32LE(4), samples: channels === 1 ? every : every.filter((_, i) => i % channels === 0) };
}

// The first channel of a sound in one of the formats: {rate, samples (Int16Array), seconds, peak (0 to 1)}.
export function decode(format, bytes) {
  const { rate, samples } =
    format === "pcm" ? { rate: 24000, samples: samplesOf(bytes) } : fromWav(format === "wav" ? bytes : runDecoder(format, bytes));
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32768;
  return { rate, samples, seconds: samples.length / rate, peak };
}
