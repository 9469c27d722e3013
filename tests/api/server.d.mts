// What server.mjs offers to tests that are written in TypeScript (web/tests/browser).
import type { ChildProcess } from "node:child_process";

/** Whatever ends: its endings run when the test does. */
export interface Test {
  after(end: () => unknown): void;
}

export interface Options {
  args?: string[];
  env?: Record<string, string>;
  /** The data folder; a fresh one that goes away with the test without it. */
  data?: string;
  engine?: string;
  /** Sent with the harness's own requests. */
  key?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  text: string;
  json: unknown;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: string | Buffer;
  json?: unknown;
  /** How long the answer may take. */
  ms?: number;
}

export interface Part {
  name: string;
  value?: string;
  filename?: string;
  type?: string;
  bytes?: Buffer;
}

export interface TaskBody {
  task_id: string;
  status: "PENDING" | "PROCESSING" | "COMPLETED" | "FAILED";
  paused: boolean;
  progress: { current: number; completed: number; total: number };
  errors: { segment_id: string; error: string }[];
}

export class Server {
  readonly child: ChildProcess;
  readonly data: string;
  readonly origin: string;
  readonly port: number;
  readonly ended: Promise<{
    code: number | null;
    signal: NodeJS.Signals | null;
  }>;
  checksSchema: boolean;
  ready(): Promise<this>;
  expect(...patterns: RegExp[]): void;
  request(
    method: string,
    path: string,
    options?: RequestOptions,
  ): Promise<Answer>;
  upload(
    path: string,
    parts: Part[],
    options?: RequestOptions,
  ): Promise<Answer>;
  /** The task's body once `holds` is true of it. */
  waitFor(
    taskId: string,
    holds: (task: TaskBody) => boolean,
    ms?: number,
  ): Promise<TaskBody>;
  taskEnd(taskId: string, ms?: number): Promise<TaskBody>;
  memory(name?: string): number;
  stop(
    signal?: NodeJS.Signals,
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export const patience: number;
export function folder(test: Test): string;
export function serve(test: Test, options?: Options): Promise<Server>;
export function spawnServer(test: Test, options?: Options): Server;
