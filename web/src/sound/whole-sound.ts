/** A sound once it is here as a whole: as a file that any program takes, and as one that this browser plays. */

/** What bare samples are: 16 bits, one channel, at the rate that the server has for them. */
export const PCM_RATE_HZ = 24_000;

const HEADER_BYTES = 44;

function header(dataBytes: number, rateHz: number): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER_BYTES);
  const view = new DataView(bytes);
  const text = (at: number, word: string) =>
    Array.from(word, (letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // integers
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);
  return bytes;
}

/** Bare samples behind the header that makes a file of them. */
export function wavOfSamples(samples: Blob, rateHz = PCM_RATE_HZ): Blob {
  return new Blob([header(samples.size, rateHz), samples], { type: "audio/wav" });
}

/** Where a WAV file's samples begin, and the place of their length; undefined for anything else. */
function dataChunk(view: DataView): { lengthAt: number; begin: number } | undefined {
  const tag = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
  if (view.byteLength < 12 || tag(0) !== "RIFF" || tag(8) !== "WAVE") return undefined;
  for (let at = 12; at + 8 <= view.byteLength;) {
    if (tag(at) === "data") return { lengthAt: at + 4, begin: at + 8 };
    at += 8 + view.getUint32(at + 4, true);
  }
  return undefined;
}

/** A WAV that was begun before its length was known says so in its header; this says the length instead. */
export async function finishedWav(wav: Blob): Promise<Blob> {
  const head = await wav.slice(0, 4096).arrayBuffer();
  const view = new DataView(head);
  const data = dataChunk(view);
  if (!data) return wav;
  view.setUint32(4, wav.size - 8, true);
  view.setUint32(data.lengthAt, wav.size - data.begin, true);
  return new Blob([head, wav.slice(head.byteLength)], { type: wav.type });
}
