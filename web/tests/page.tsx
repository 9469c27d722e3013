import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";
import "@/strings/strings";
import { TipProvider } from "@/ui/tip";

/** Draws a part of the page with what is around it there; retries would only make failures slow. */
export function renderPage(part: ReactNode, { path = "/narrate" } = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000 } } });
  const view = render(
    <QueryClientProvider client={client}>
      <TipProvider>
        <MemoryRouter initialEntries={[path]}>{part}</MemoryRouter>
      </TipProvider>
    </QueryClientProvider>,
  );
  return { client, ...view };
}

export interface Call {
  method: string;
  path: string;
  body: unknown;
}

type Answer = { status?: number; body?: unknown } | undefined;

/** Replaces the server; returns what it was asked, in order. Without an answer it is a 404. */
export function serve(answer: (call: Call) => Answer): Call[] {
  const calls: Call[] = [];

  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const text = await request.text();
    const call = {
      method: request.method,
      path: new URL(request.url).pathname,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
    calls.push(call);
    const { status = 200, body } = answer(call) ?? { status: 404, body: { detail: "Not found." } };
    return status === 204 ? new Response(null, { status }) : Response.json(body, { status });
  });
  return calls;
}
