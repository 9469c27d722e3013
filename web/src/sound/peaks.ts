/**
 * The outline of a sound that no server has drawn, by the browser's own decoder: at a low rate, and only of what
 * is short enough to be held in memory as bare samples.
 */

const RATE_HZ = 8_000;
export const SECONDS_MAX = 900;

export interface Outline {
  /** 0 to 1. */
  peaks: number[];
  /** Seconds. */
  duration: number;
}

/** The greatest magnitude of each of so many equal parts. */
export function peaksOf(samples: Float32Array, count: number): number[] {
  const parts = Math.min(count, samples.length);
  return Array.from({ length: parts }, (_, part) => {
    const end = Math.floor(((part + 1) * samples.length) / parts);
    let peak = 0;
    for (let at = Math.floor((part * samples.length) / parts); at < end; at++)
      peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return Math.min(peak, 1);
  });
}

/** Throws what the decoder throws for sounds it does not know. */
export async function outlineOf(sound: Blob, count: number): Promise<Outline> {
  const decoder = new OfflineAudioContext(1, 1, RATE_HZ);
  const decoded = await decoder.decodeAudioData(await sound.arrayBuffer());
  return { peaks: peaksOf(decoded.getChannelData(0), count), duration: decoded.duration };
}
