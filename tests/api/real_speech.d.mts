// What real_speech.mjs offers to tests that are written in TypeScript (web/tests/browser).

/** Why nothing can be heard here; false when it can. */
export const isDeaf: string | false;
/** For a server that hears. */
export const ears: Record<string, string>;
export function reading(index: number): { wav: Buffer; says: string };
export function longReading(times: number): Buffer;
export function silence(seconds: number): Buffer;
export function wavOf(samples: Buffer, rate?: number): Buffer;
export function plain(text: string): string;
