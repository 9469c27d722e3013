// What fixtures.mjs offers to tests that are written in TypeScript (web/tests/browser).
export const png: Buffer;
export const jpeg: Buffer;
export const webp: Buffer;
