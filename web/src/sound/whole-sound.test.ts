import { expect, test } from "vitest";
import { finishedWav, PCM_RATE_HZ, wavOfSamples } from "./whole-sound";

const viewOf = async (blob: Blob) => new DataView(await blob.arrayBuffer());
const tag = (view: DataView, at: number) =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));

test("bare samples become a file of one channel and 16 bits", async () => {
  const view = await viewOf(wavOfSamples(new Blob([new Uint8Array(480)])));
  expect(view.byteLength).toBe(524);
  expect([tag(view, 0), tag(view, 8), tag(view, 12), tag(view, 36)]).toEqual([
    "RIFF",
    "WAVE",
    "fmt ",
    "data",
  ]);
  expect(view.getUint32(4, true)).toBe(516);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([1, 1, 16]);
  expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([PCM_RATE_HZ, PCM_RATE_HZ * 2]);
  expect(view.getUint32(40, true)).toBe(480);
});

test("a file that was begun without its length gets it, whatever stands before its samples", async () => {
  const whole = await wavOfSamples(new Blob([new Uint8Array(100)])).arrayBuffer();
  const begun = new Uint8Array(whole.byteLength + 12);
  begun.set(new Uint8Array(whole, 0, 36));
  begun.set(new TextEncoder().encode("LIST\x04\0\0\0abcd"), 36);
  begun.set(new Uint8Array(whole, 36), 48);
  const unknown = new DataView(begun.buffer);
  unknown.setUint32(4, 0xffffffff, true);
  unknown.setUint32(52, 0xffffffff, true);

  const view = await viewOf(await finishedWav(new Blob([begun])));
  expect(view.byteLength).toBe(begun.length);
  expect(view.getUint32(4, true)).toBe(begun.length - 8);
  expect(view.getUint32(52, true)).toBe(100);
});

test.each(["", "RIFF", "ID3 something", "RIFF    WAVEfmt "])(
  "what is no whole WAV (%j) stays",
  async (text) => {
    const file = new Blob([text]);
    expect(await finishedWav(file)).toBe(file);
  },
);
