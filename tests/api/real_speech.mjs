// Speech that people spoke, and the models that hear it. Tests that need either are skipped, saying
// why, where they are missing: neither is part of the checkout.
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { root } from "../cli/program.mjs";

const data = process.env.XDG_DATA_HOME || join(homedir(), ".local", "share");
const models = process.env.PARLANDO_MODELS || join(data, "parlando", "models");
const runtime = process.env.PARLANDO_ORT || join(root, "deps", "libonnxruntime.so.1");

// From the Debian package pocketsphinx-testdata: 16 kHz, mono, 16 bits; in the order they were read.
const folder = "/usr/share/pocketsphinx/test/data/librivox";
const readings = [
  ["0870", "mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them"],
  ["0880", "he was not an ill disposed young man"],
  ["0890", "unless to be rather cold hearted and rather selfish is to be ill disposed"],
  ["0920", "he might have been made still more respectable than he was"],
  ["0930", "he might even have been made amiable himself"],
].map(([number, says]) => ({ path: join(folder, `sense_and_sensibility_01_austen_64kb-${number}.wav`), says }));

// Why nothing can be heard here; false when it can: node:test's {skip}.
export const isDeaf =
  (!existsSync(join(models, "moonshine")) && "no model that hears: parlando models pull moonshine-tiny") ||
  (!existsSync(join(models, "silero")) && "no model that finds speech: parlando models pull silero-vad") ||
  (!existsSync(readings[0].path) && "no recorded speech: apt-get install pocketsphinx-testdata");

// For a server that hears.
export const ears = { PARLANDO_MODELS: models, PARLANDO_ORT: runtime };

// A WAV file, mono, 16 bits.
export function wavOf(samples, rate = 16000) {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

export const silence = (seconds) => Buffer.alloc(2 * Math.round(16000 * seconds));

// The one called by its number of the list above: {wav, says}.
export const reading = (index) => ({ wav: readFileSync(readings[index].path), says: readings[index].says });

// All of them, one after the other and that several times, with a second between.
export function longReading(times) {
  const once = readings.flatMap(({ path }) => [readFileSync(path).subarray(44), silence(1)]);
  return wavOf(Buffer.concat(Array.from({ length: times }, () => once).flat()));
}

// Words alone, so that what was heard can be held against what was read.
export const plain = (text) =>
  text
    .toLowerCase()
    .replace(/mr\.?(?= )/g, "mister")
    .replace(/[^a-z' ]/g, " ")
    .split(/ +/)
    .filter(Boolean)
    .join(" ");
