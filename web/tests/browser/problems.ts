/**
 * What a page may not do in a test unless the test says so first: write errors or warnings to the console,
 * throw, send requests that fail, or speak to anyone but its own server.
 */
import type { BrowserContext } from "@playwright/test";

/** Requests that the page or the browser itself gave up: a closed stream, a track that was left. */
const GIVEN_UP = "net::ERR_ABORTED";

/** What the standard keeps of a refused request in the console; the request itself is judged. */
const ECHO = /^Failed to load resource/;

export class Problems {
  #found: string[] = [];
  #allowed: RegExp[] = [];

  constructor(private readonly origin: string) {}

  /** From now on lines like these are no problem. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  /** What was found and not allowed. */
  get list(): string[] {
    return this.#found.filter((line) => !this.#allowed.some((pattern) => pattern.test(line)));
  }

  watch(context: BrowserContext): void {
    context.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      if (!ECHO.test(message.text())) this.#found.push(`console ${message.type()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.#found.push(`page error: ${String(error.error())}`));
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^(https?|wss?):$/.test(protocol) && origin !== this.origin)
        this.#found.push(`another host: ${request.url()}`);
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "failed";
      if (reason !== GIVEN_UP)
        this.#found.push(`request: ${request.method()} ${pathOf(request.url())} ${reason}`);
    });
    context.on("response", (response) => {
      const line = `answer: ${response.request().method()} ${pathOf(response.url())} ${response.status()}`;
      if (response.status() >= 400) this.#found.push(line);
    });
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
