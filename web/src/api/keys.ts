/** The names under which answers are cached. */
export const keys = {
  projects: ["projects"] as const,
  projectLists: ["projects", "list"] as const,
  projectList: (search: string) => ["projects", "list", search] as const,
  project: (id: string) => ["projects", "detail", id] as const,
  peaks: (segmentId: string, audio: string) => ["peaks", segmentId, audio] as const,
  settings: ["settings"] as const,
  task: (id: string) => ["tasks", id] as const,
  voices: (engine = "") => ["voices", engine] as const,
};
