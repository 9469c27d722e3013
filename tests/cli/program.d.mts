// What program.mjs offers to tests that are written in TypeScript (web/tests/screens).
export const root: string;
export const program: string;
