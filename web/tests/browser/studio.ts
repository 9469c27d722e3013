/**
 * A test's own studio: the real program with an empty data folder and espeak as its voice, and a page in it.
 * Nothing the page does wrong is overlooked (problems.ts), nor what the server writes to its log.
 */
import { expect, test as base } from "@playwright/test";
import type { Schemas } from "../../src/api/client";
import { folder, type Options, type Server, spawnServer } from "../../../tests/api/server.mjs";
import { Problems } from "./problems";

type Project = Schemas["ProjectDetail"];
type Segment = Schemas["Segment"];
type SegmentInput = string | { text_content: string; image_prompt?: string };

export class Studio {
  readonly data: string;
  /** The same over all restarts. */
  origin = "";
  #server: Server;
  #ends: (() => unknown)[] = [];

  constructor(private readonly options: Options) {
    this.data = folder(this.#test);
    this.#server = this.#spawn("0");
  }

  /** What server.mjs calls a test: something that ends. */
  get #test() {
    return { after: (end: () => unknown) => this.#ends.push(end) };
  }

  #spawn(port: string): Server {
    const { args = [], ...rest } = this.options;
    return spawnServer(this.#test, { ...rest, data: this.data, args: [...args, "--port", port] });
  }

  async open(): Promise<void> {
    await this.#server.ready();
    this.origin = this.#server.origin;
  }

  /** Ends the server, checks its log, and removes its folders. */
  async close(): Promise<void> {
    try {
      await this.#server.stop();
    } finally {
      for (const end of this.#ends.reverse()) await end();
    }
  }

  get server(): Server {
    return this.#server;
  }

  /** As a power cut ends it: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    this.#server.child.kill("SIGKILL");
    await this.#server.ended;
  }

  /** Begins again at the same address with the same data. */
  async restart(): Promise<void> {
    const { port } = this.#server;
    await this.#server.stop();
    this.#server = this.#spawn(String(port));
    await this.#server.ready();
  }

  /** An answer's body; the test fails on another status than a good one. */
  async call<T>(method: string, path: string, json?: unknown): Promise<T> {
    const headers = this.options.key === undefined ? {} : { Authorization: `Bearer ${this.options.key}` };
    const answer = await this.#server.request(method, path, { headers, ...(json !== undefined && { json }) });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
    return (answer.body.length === 0 ? undefined : answer.json) as T;
  }

  /** A project of these segments. */
  async story(segments: SegmentInput[], title = "A story"): Promise<Project> {
    const { id } = await this.call<{ id: string }>("POST", "/api/projects/import/", {
      title,
      segments: segments.map((one) => (typeof one === "string" ? { text_content: one } : one)),
    });
    return this.project(id);
  }

  project = (id: string) => this.call<Project>("GET", `/api/projects/${id}/`);
  segment = (id: string) => this.call<Segment>("GET", `/api/segments/${id}/`);
  patch = (id: string, patch: Partial<Segment>) => this.call<Segment>("PATCH", `/api/segments/${id}/`, patch);

  /** Begins to speak all of a project; the task's id. */
  async begin(projectId: string): Promise<string> {
    const path = `/api/projects/${projectId}/generate-all-audio/`;
    return (await this.call<{ task_id: string }>("POST", path, {})).task_id;
  }

  /** Speaks all of a project. */
  async narrate(projectId: string): Promise<void> {
    await this.#server.taskEnd(await this.begin(projectId));
  }

  act = (taskId: string, action: "cancel" | "pause" | "resume") =>
    this.call("POST", `/api/tasks/${taskId}/${action}/`);
}

interface Fixtures {
  /** How the program is started. */
  server: Options;
  studio: Studio;
  problems: Problems;
}

export const test = base.extend<Fixtures>({
  server: [{}, { option: true }],

  studio: async ({ server }, provide) => {
    const studio = new Studio(server);
    await studio.open();
    await provide(studio);
    await studio.close();
  },

  baseURL: async ({ studio }, provide) => provide(studio.origin),

  problems: async ({ studio }, provide) => provide(new Problems(studio.origin)),

  context: async ({ context, problems }, provide) => {
    problems.watch(context);
    await provide(context);
    await context.close();
    expect(problems.list, "what the page did wrong").toEqual([]);
  },
});

export { expect };
