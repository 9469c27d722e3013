/**
 * The one event stream of the page (GET /api/events/): all tasks, the models being got, and the revisions of
 * everything else, of projects those that changed last. Each event is the whole state, so nothing is lost by a reconnection.
 *
 * A browser opens six connections to a host at most, and each stream holds one for as long as it lives:
 * a page nobody looks at closes its stream, and has the present state again as soon as it is seen.
 */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { create } from "zustand";
import {
  api,
  ApiError,
  type ProjectDetail,
  type Schemas,
  type StudioState,
  type TaskSummary,
} from "./client";
import { invalidator } from "./invalidator";
import { keys } from "./keys";
import { useSession } from "./session";

export type Connection = "connecting" | "open" | "lost";

type Pull = Schemas["Pull"];

interface Studio {
  connection: Connection;
  /** Whether the server has told its tasks yet. */
  isKnown: boolean;
  /** Those that have not ended, then those that have, newest first. */
  tasks: TaskSummary[];
  /** Why no task goes on, in the server's words. */
  queueError: string | null;
  /** Models being got, those whose getting has just ended, and those that could not be got. */
  pulls: Pull[];
}

export const useStudio = create<Studio>(() => ({
  connection: "connecting",
  isKnown: false,
  tasks: [],
  queueError: null,
  pulls: [],
}));

export const HIDDEN_MS = 20_000;
export const RETRY_MS = 2_000;

/** An EventSource tells no status; a plain request does, and its 401 asks for the key. */
async function isKeyMissing(): Promise<boolean> {
  try {
    await api.GET("/api/settings/");
    return false;
  } catch (error) {
    return error instanceof ApiError && error.status === 401;
  }
}

/** What is outdated once a number of the state has changed: with a model come and go voices. */
const REVISED: readonly [keyof StudioState & `${string}_revision`, QueryKey][] = [
  ["history_revision", keys.history],
  ["profiles_revision", keys.profiles],
  ["models_revision", keys.models],
  ["models_revision", keys.allVoices],
];

/** Fetches again what the page has and the server has changed since, event by event. */
function refresher(client: QueryClient): (state: StudioState) => void {
  const invalidate = invalidator(client);
  let before: ReadonlyMap<string, number> | undefined;
  let countBefore: number | undefined;
  let stateBefore: StudioState | undefined;

  return (state) => {
    const { projects, project_count } = state;
    const now = new Map(projects.map(({ id, revision }) => [id, revision]));
    const gone = [...(before?.keys() ?? [])].filter((id) => !now.has(id)); // deleted, or others came before
    const isOlder = (id: string, revision: number) => {
      const shown = client.getQueryData<ProjectDetail>(keys.project(id));
      return shown !== undefined && shown.revision < revision;
    };
    const outdated = projects.filter(({ id, revision }) => isOlder(id, revision)).map(({ id }) => id);
    const hasChanged =
      project_count !== countBefore || projects.some(({ id, revision }) => before?.get(id) !== revision);

    for (const id of [...gone, ...outdated]) void invalidate(keys.project(id));
    if (hasChanged) void invalidate(keys.projectLists);
    for (const [revision, key] of REVISED)
      if (stateBefore && stateBefore[revision] !== state[revision]) void invalidate(key);
    stateBefore = state;
    before = now;
    countBefore = project_count;
  };
}

/** The server tells for a minute what failed; who comes back later wants to know, too. */
function withFailures(pulls: Pull[]): Pull[] {
  const isTold = ({ model }: Pull) => pulls.some((pull) => pull.model === model);
  const before = useStudio.getState().pulls.filter((pull) => pull.state === "failed" && !isTold(pull));
  return [...pulls, ...before];
}

/** Holds the stream until the returned function is called. */
export function watchStudio(client: QueryClient): () => void {
  const refresh = refresher(client);
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    const stream = new EventSource("/api/events/");
    stream.onopen = () => {
      const wasRefused = useSession.getState().isKeyNeeded; // and is not now: another tab gave the key
      if (wasRefused) useSession.setState({ isKeyNeeded: false, isAsking: false });
      if (wasRefused || useStudio.getState().connection === "lost") void client.invalidateQueries();
      useStudio.setState({ connection: "open" });
    };
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      const state = JSON.parse(data) as StudioState;
      useStudio.setState({
        tasks: state.tasks,
        queueError: state.queue_error,
        pulls: withFailures(state.pulls),
        isKnown: true,
      });
      refresh(state);
    };
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) void tryAgain(stream);
      else useStudio.setState({ connection: "lost" }); // the browser tries again by itself
    };
    source = stream;
  };
  /** Without a key there is no use in it, until one was given. */
  const tryAgain = async (refused: EventSource) => {
    const isLocked = await isKeyMissing();
    if (source !== refused) return; // closed or opened anew since
    useStudio.setState({ connection: isLocked ? "connecting" : "lost" });
    if (!isLocked && !document.hidden) timer = setTimeout(open, RETRY_MS);
  };
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, HIDDEN_MS);
    else if (!source || source.readyState === EventSource.CLOSED) open();
  };
  const stopSession = useSession.subscribe((now, before) => {
    if (now.version !== before.version) open();
  });

  if (!document.hidden) open();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    stopSession();
    close();
  };
}
