import type { Project } from "@/api/client";
import type { ProjectPage } from "@/api/projects";

/**
 * The projects of all pages, and how many there are in all, without those just deleted. A project made
 * meanwhile moves the last of a page to the next one, where it comes again.
 */
export function listed(pages: readonly ProjectPage[] = [], removed: ReadonlySet<string> = new Set()) {
  const all = new Map<string, Project>();
  for (const page of pages) for (const project of page.results) all.set(project.id, project);
  const projects = [...all.values()].filter(({ id }) => !removed.has(id));
  return { projects, count: (pages[0]?.count ?? 0) - (all.size - projects.length) };
}

/** The project after this one, or before it when it is the last. */
export function neighbour(projects: readonly Project[], id: string): Project | undefined {
  const place = projects.findIndex((project) => project.id === id);
  return projects[place + 1] ?? projects[place - 1];
}
