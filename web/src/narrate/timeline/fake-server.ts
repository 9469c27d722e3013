/** A project that lives in memory, for tests: answers fetch as the server does, and can be told to fail or wait. */
import { vi } from "vitest";
import type { ProjectDetail, Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { makeSegment } from "../../../tests/segment";

export const PROJECT = "01a1ff08-0000-7000-8000-000000000001";

export function segmentOf(id: string, change: Partial<Segment> = {}): Segment {
  return makeSegment({
    id,
    project: PROJECT,
    text_content: `Text of ${id}.`,
    created_at: moment(0),
    updated_at: moment(0),
    ...change,
  });
}

/** The server's clock: each change is a second later. */
export const moment = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

export interface Call {
  method: string;
  path: string;
  body: unknown;
  keepalive: boolean;
}

type Answer = { status: number; body?: unknown } | Error;

export class FakeServer {
  segments: Segment[];
  title = "A story";
  calls: Call[] = [];
  #clock = 0;
  #refusals: { matches: (call: Call) => boolean; answer: Answer }[] = [];
  #gates: { matches: (call: Call) => boolean; opened: Promise<void> }[] = [];

  constructor(segments: Segment[]) {
    this.segments = segments;
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => this.#handle(new Request(input, init)));
  }

  /** The page's calls of one kind. */
  sent(method: string, path = ""): Call[] {
    return this.calls.filter((call) => call.method === method && call.path.includes(path));
  }

  /** The next such call is answered so instead. */
  refuse(method: string, path: string, answer: Answer): void {
    this.#refusals.push({ matches: (call) => call.method === method && call.path.includes(path), answer });
  }

  /** Such calls wait until the returned function is called. */
  hold(method: string, path: string): () => void {
    let open = () => {};
    const gate = {
      matches: (call: Call) => call.method === method && call.path.includes(path),
      opened: new Promise<void>((resolve) => (open = resolve)),
    };
    this.#gates.push(gate);
    return () => {
      this.#gates.splice(this.#gates.indexOf(gate), 1);
      open();
    };
  }

  /** Somebody else changes a segment. */
  change(id: string, change: Partial<Segment>): Segment {
    this.#clock += 1;
    this.segments = this.segments.map((one) =>
      one.id === id ? { ...one, ...change, updated_at: moment(this.#clock) } : one,
    );
    return this.#find(id);
  }

  get project(): ProjectDetail {
    return {
      id: PROJECT,
      title: this.title,
      author: "",
      status: "DRAFT",
      created_at: moment(0),
      updated_at: moment(this.#clock),
      segment_count: this.segments.length,
      audio_count: 0,
      locked_count: this.segments.filter((one) => one.is_locked).length,
      stale_count: 0,
      duration: 0,
      revision: this.#clock,
      segments: this.segments.map((one, index) => ({ ...one, sequence_index: index })),
    };
  }

  /** As the page has it after its first look. */
  load(): ProjectDetail {
    queryClient.setQueryData(keys.project(PROJECT), this.project);
    return this.project;
  }

  #find(id: string): Segment {
    const index = this.segments.findIndex((one) => one.id === id);
    const segment = this.segments[index];
    if (!segment) throw new NotFound();
    return { ...segment, sequence_index: index };
  }

  async #handle(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const isForm = request.headers.get("content-type")?.startsWith("multipart/") ?? false;
    const text = isForm ? "" : await request.text();
    const call: Call = {
      method: request.method,
      path,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
      keepalive: request.keepalive,
    };
    this.calls.push(call);
    const refusal = this.#refusals.find(({ matches }) => matches(call));
    if (refusal) this.#refusals.splice(this.#refusals.indexOf(refusal), 1);
    await this.#gates.find(({ matches }) => matches(call))?.opened;
    if (refusal?.answer instanceof Error) throw refusal.answer;
    const { status, body } = refusal?.answer ?? this.#answer(call);
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  }

  #answer(call: Call): { status: number; body?: unknown } {
    try {
      return { status: 200, ...this.#act(call) };
    } catch (error) {
      if (error instanceof NotFound) return { status: 404, body: { detail: "Not found." } };
      throw error;
    }
  }

  #actOnProject(method: string, body: unknown): { status?: number; body?: unknown } {
    if (method === "DELETE") return { status: 204 };
    if (method === "PATCH") this.title = (body as { title: string }).title;
    return { body: this.project };
  }

  #act({ method, path, body }: Call): { status?: number; body?: unknown } {
    const [, , kind, id = "", action] = path.split("/");
    if (kind === "projects" && id === PROJECT) return this.#actOnProject(method, body);
    if (kind !== "segments") return lost();
    if (method === "POST" && id === "reorder") {
      const { order } = body as { order: string[] };
      const isWhole =
        [...order].sort().join() ===
        this.segments
          .map((one) => one.id)
          .sort()
          .join();
      if (!isWhole) return { status: 400, body: { order: ["Must name each segment once."] } };
      this.segments = order.map((one) => this.#find(one));
      return { body: { status: "ok" } };
    }
    if (method === "POST" && id === "") {
      const { text_content, sequence_index } = body as { text_content: string; sequence_index: number };
      const made = segmentOf(`new-${String(this.segments.length)}`, { text_content });
      this.segments = this.segments.toSpliced(sequence_index, 0, made);
      return { status: 201, body: made };
    }
    if (method === "POST" && action === "upload-image")
      return { body: this.change(id, { image_file: `/media/${id}.png` }) };
    if (method === "DELETE") {
      this.#find(id);
      this.segments = this.segments.filter((one) => one.id !== id);
      return { status: 204 };
    }
    if (method === "PATCH") {
      const { is_locked } = this.#find(id);
      const patch = body as Partial<Segment>;
      if (is_locked && patch.is_locked !== false)
        return { status: 409, body: { detail: "Segment is locked. Unlock it before changing it." } };
      return { body: this.change(id, patch) };
    }
    return { body: this.#find(id) };
  }
}

class NotFound extends Error {}

function lost(): never {
  throw new NotFound();
}
