/**
 * The server's API, typed by the document it serves at /openapi.json (schema.ts is generated from it).
 *
 * Every call resolves to the answer's body or throws an ApiError with the server's own message, which is
 * written for people. A 401 says in the page's words that a key is needed, and tells whoever listens.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { t } from "@/strings/strings";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Project = Schemas["Project"];
export type ProjectDetail = Schemas["ProjectDetail"];
export type Segment = Schemas["Segment"];
export type Settings = Schemas["Settings"];
export type Task = Schemas["Task"];
export type TaskSummary = Schemas["TaskSummary"];
export type StoryPreview = Schemas["StoryPreview"];
export type StudioState = Schemas["StudioState"];
export type Voice = Schemas["Voice"];
export type VoiceList = Schemas["VoiceList"];

export class ApiError extends Error {
  override name = "ApiError";

  /** status 0: the server could not be reached. fields: messages by the name of the body's field. */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** What an error's body says in its one place for messages, if it has one. */
function messageIn({ detail, error }: Record<string, unknown>): string | undefined {
  const told = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return [detail, told].find((message) => typeof message === "string");
}

/** Any of the API's error bodies as one message: {"detail"}, {"error"}, {"error": {"message"}} or {"field": ["message"]}. */
export function errorOf(status: number, body: unknown): ApiError {
  if (typeof body === "object" && body !== null) {
    const told = messageIn(body as Record<string, unknown>);
    if (told !== undefined) return new ApiError(status, told);
    const fields = Object.fromEntries(
      Object.entries(body)
        .filter(([, messages]) => Array.isArray(messages))
        .map(([name, messages]) => [name, (messages as unknown[]).join(" ")]),
    );
    const message = Object.values(fields).join(" ");
    if (message !== "") return new ApiError(status, message, fields);
  }
  return new ApiError(status, t("error.status", { status }));
}

/** Why something failed, for people: in the server's words, or that it is the page's own mistake. */
export function wordsOf(error: unknown): string {
  return error instanceof ApiError ? error.message : t("error.unexpected");
}

type Listener = () => void;
const keyListeners = new Set<Listener>();

/** Calls the listener whenever the server asks for a key; returns how to stop. */
export function onKeyNeeded(listener: Listener): () => void {
  keyListeners.add(listener);
  return () => keyListeners.delete(listener);
}

/** Tells that an answer was 401; the event stream, which sees no bodies, calls it too. */
export function tellKeyNeeded(): void {
  for (const listener of keyListeners) listener();
}

const middleware: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    if (response.status === 401 && schemaPath !== "/api/session/") {
      tellKeyNeeded();
      throw new ApiError(401, t("session.needed"));
    }
    throw errorOf(response.status, await response.json().catch(() => null));
  },
  onError({ error }) {
    if (error instanceof Error && error.name === "AbortError") return error;
    return new ApiError(0, t("error.unreachable"));
  },
};

export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: (request) => globalThis.fetch(request), // looked up at each call, so that tests can replace it
});
api.use(middleware);

/** The body of an answer that the middleware let pass; a documented 2xx always has one. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  return (await answer).data as NonNullable<T>;
}
