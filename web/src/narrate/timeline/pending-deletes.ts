/**
 * Deleting with undo: the card goes at once, the request is sent when the time for second thoughts is over.
 * What was deleted stays hidden for good, so that no answer that is still on its way shows it again.
 */
import { create } from "zustand";
import { ApiError, type Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { deleteSegment, editCached } from "@/api/segments";
import { queryClient } from "@/query-client";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";
import { discardDrafts } from "./drafts";

export const UNDO_MS = 6_000;

/** Segments that the page does not show any more. */
export const usePendingDeletes = create<{ hidden: ReadonlySet<string> }>(() => ({ hidden: new Set() }));

interface Pending {
  segment: Segment;
  timer: ReturnType<typeof setTimeout>;
  toastId: string | number;
  onUndo: (segment: Segment) => void;
}

/** Those that can be undone, oldest first. */
const pending = new Map<string, Pending>();
const running = new Set<Promise<void>>();

function show(id: string, isShown: boolean): void {
  usePendingDeletes.setState(({ hidden }) => {
    const next = new Set(hidden);
    if (isShown) next.delete(id);
    else next.add(id);
    return { hidden: next };
  });
}

/** number: how the page calls it; onUndo is called when it is back. */
export function deleteLater(segment: Segment, number: number, onUndo: Pending["onUndo"]): void {
  if (usePendingDeletes.getState().hidden.has(segment.id)) return;
  show(segment.id, false);
  pending.set(segment.id, {
    segment,
    onUndo,
    timer: setTimeout(() => void commit(segment.id, false), UNDO_MS),
    toastId: toast.say(
      t("narrate.delete.done", { number }),
      { label: t("narrate.delete.undo"), onClick: () => undoFromToast(segment.id) },
      UNDO_MS,
    ),
  });
}

/** Brings a segment back, the one deleted last without an id; false when there is none. */
export function undoDelete(id: string | undefined = [...pending.keys()].at(-1)): boolean {
  const undone = id === undefined ? undefined : take(id);
  if (!undone) return false;
  show(undone.segment.id, true);
  undone.onUndo(undone.segment);
  return true;
}

/** A toast that loses focus gives it to what had it before: let that be over before the card gets it. */
function undoFromToast(id: string): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  undoDelete(id);
}

function take(id: string): Pending | undefined {
  const taken = pending.get(id);
  if (!taken) return undefined;
  pending.delete(id);
  clearTimeout(taken.timer);
  toast.dismiss(taken.toastId);
  return taken;
}

function commit(id: string, isLeaving: boolean): Promise<void> {
  const taken = take(id);
  if (!taken) return Promise.resolve();
  const request = remove(taken.segment, isLeaving).finally(() => running.delete(request));
  running.add(request);
  return request;
}

async function remove(segment: Segment, isLeaving: boolean): Promise<void> {
  try {
    await deleteSegment(segment.id, isLeaving);
  } catch (error) {
    const isGone = error instanceof ApiError && error.status === 404;
    if (!isGone) {
      show(segment.id, true);
      toast.failed(t("narrate.delete.failed"), error);
      return;
    }
  }
  discardDrafts(segment.id);
  editCached(queryClient, segment.project, (segments) => segments.filter(({ id }) => id !== segment.id));
  void queryClient.invalidateQueries({ queryKey: keys.project(segment.project) });
}

/** Sends what was deleted; resolves when the server has it all. isLeaving: the requests outlive the page. */
export async function flushDeletes(isLeaving = false): Promise<void> {
  for (const id of [...pending.keys()]) void commit(id, isLeaving);
  await Promise.all(running);
}
