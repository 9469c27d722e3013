/** The names under which answers are cached. */
export const keys = {
  history: ["history"] as const,
  historyList: (type: string | undefined, search: string, page: number) =>
    ["history", "list", type ?? "all", search, page] as const,
  historyEntry: (id: string) => ["history", "detail", id] as const,
  models: ["models"] as const,
  modelList: ["models", "list"] as const,
  model: (id: string) => ["models", "detail", id] as const,
  profiles: ["profiles"] as const,
  program: ["program"] as const,
  projects: ["projects"] as const,
  projectLists: ["projects", "list"] as const,
  projectList: (search: string) => ["projects", "list", search] as const,
  project: (id: string) => ["projects", "detail", id] as const,
  peaks: (segmentId: string, audio: string) => ["peaks", segmentId, audio] as const,
  settings: ["settings"] as const,
  task: (id: string) => ["tasks", id] as const,
  allVoices: ["voices"] as const,
  voices: (engine = "") => ["voices", engine] as const,
};
