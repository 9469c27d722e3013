/**
 * The one event stream of the page (GET /api/events/): all tasks, and the revisions of the projects that
 * changed last. Each event is the whole state, so nothing is lost by a reconnection.
 *
 * A browser opens six connections to a host at most, and each stream holds one for as long as it lives:
 * a page nobody looks at closes its stream, and has the present state again as soon as it is seen.
 */
import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { api, type ProjectDetail, type StudioState, type TaskSummary } from "./client";
import { keys } from "./keys";

export type Connection = "connecting" | "open" | "lost";

interface Studio {
  connection: Connection;
  /** Newest first: those that have not ended, then those that have. */
  tasks: TaskSummary[];
}

export const useStudio = create<Studio>(() => ({ connection: "connecting", tasks: [] }));

const HIDDEN_MS = 20_000;
const RETRY_MS = 2_000;

/** What the page shows and the server has changed since is fetched again. */
function refresh(client: QueryClient, state: StudioState): void {
  let hasChanged = false;
  for (const { id, revision } of state.projects) {
    const shown = client.getQueryData<ProjectDetail>(keys.project(id));
    if (shown && shown.revision < revision) void client.invalidateQueries({ queryKey: keys.project(id) });
    hasChanged ||= revisions.get(id) !== revision;
    revisions.set(id, revision);
  }
  if (hasChanged) void client.invalidateQueries({ queryKey: [...keys.projects, "list"] });
}

const revisions = new Map<string, number>();

/** An EventSource tells no status; a plain request does. */
async function askWhy(): Promise<void> {
  await api.GET("/api/settings/").catch(() => undefined);
}

/** Holds the stream until the returned function is called. */
export function watchStudio(client: QueryClient): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    source = new EventSource("/api/events/");
    source.onopen = () => {
      if (useStudio.getState().connection === "lost") void client.invalidateQueries();
      useStudio.setState({ connection: "open" });
    };
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const state = JSON.parse(data) as StudioState;
      useStudio.setState({ tasks: state.tasks });
      refresh(client, state);
    };
    source.onerror = () => {
      useStudio.setState({ connection: "lost" });
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      void askWhy();
      timer = setTimeout(open, RETRY_MS);
    };
  };
  const seen = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, HIDDEN_MS);
    else if (!source) open();
  };

  open();
  document.addEventListener("visibilitychange", seen);
  return () => {
    document.removeEventListener("visibilitychange", seen);
    close();
  };
}
