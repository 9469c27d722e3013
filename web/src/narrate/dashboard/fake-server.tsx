/** For the tests of this folder: a server of a few answers, and a page to show components on. */
import type { ReactNode } from "react";
import { useLocation } from "react-router";
import { vi } from "vitest";
import type { Project, StoryPreview } from "@/api/client";
import { renderPage } from "../../../tests/page";

type Answer = (request: Request) => Response | Promise<Response>;

/** Answers by "METHOD /path/"; what is not listed is 404. Returns the requests, in order. */
export function serve(routes: Record<string, Answer>): Request[] {
  const requests: Request[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    requests.push(request);
    const answer = routes[`${request.method} ${new URL(request.url).pathname}`];
    return answer ? answer(request.clone()) : Response.json({ detail: "Not found." }, { status: 404 });
  });
  return requests;
}

export const page = (results: Project[], count = results.length) => Response.json({ count, results });

export function project(title: string, fields: Partial<Project> = {}): Project {
  return {
    id: title.toLowerCase(),
    title,
    author: "",
    status: "DRAFT",
    created_at: "2026-01-02T03:04:05Z",
    updated_at: "2026-01-02T03:04:05Z",
    segment_count: 0,
    audio_count: 0,
    locked_count: 0,
    stale_count: 0,
    duration: 0,
    revision: 1,
    ...fields,
  };
}

export function preview(fields: Partial<StoryPreview> = {}): StoryPreview {
  return {
    title: "Fog",
    author: "",
    segment_count: 2,
    character_count: 27,
    segments: [
      { text_content: "Fog came in.", image_prompt: "", chapter: "", is_cut: false },
      { text_content: "Nobody minded.", image_prompt: "", chapter: "", is_cut: false },
    ],
    ...fields,
  };
}

function Address() {
  const { pathname, search } = useLocation();
  return <p data-testid="address">{pathname + search}</p>;
}

/** The address can be read by its test id, "address". */
export function show(element: ReactNode, path = "/narrate") {
  return renderPage(
    <>
      {element}
      <Address />
    </>,
    { path },
  );
}
