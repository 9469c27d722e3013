/** What can be done with the segments of a timeline. The object is the same from render to render. */
import { createContext, useContext, useMemo } from "react";
import type { Segment } from "@/api/client";
import { useCreateSegment, usePatchSegment } from "@/api/segments";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";
import { announce } from "./announcer";
import { hasUnsaved, saveDrafts } from "./drafts";
import { deleteLater, undoDelete, usePendingDeletes } from "./pending-deletes";
import { goTo } from "./place";
import { orderSettled, useMoveSegment, wantedOrder } from "./segment-order";
import { visibleSegments } from "./visible-project";

export interface TimelineActions {
  /** Makes an empty segment behind this one, at the beginning for null, and goes to its text. */
  insertAfter: (id: string | null) => Promise<void>;
  insertBefore: (id: string) => Promise<void>;
  /** Puts it where another one is. */
  move: (id: string, target: string) => void;
  /** By so many places; beyond an end it stays there. */
  moveBy: (id: string, places: number) => void;
  /** To a place as the page counts, from 1. */
  moveTo: (id: string, number: number) => void;
  remove: (segment: Segment) => void;
  undoRemove: () => void;
  setLocked: (segment: Segment, isLocked: boolean) => Promise<void>;
}

/** The requests behind them. */
interface Requests {
  create: ReturnType<typeof useCreateSegment>["mutateAsync"];
  patch: ReturnType<typeof usePatchSegment>["mutateAsync"];
  move: ReturnType<typeof useMoveSegment>;
}

export function useTimelineActions(projectId: string): TimelineActions {
  const { mutateAsync: create } = useCreateSegment(projectId);
  const { mutateAsync: patch } = usePatchSegment(projectId);
  const move = useMoveSegment(projectId);
  return useMemo(() => createActions(projectId, { create, patch, move }), [projectId, create, patch, move]);
}

function createActions(projectId: string, { create, patch, move }: Requests): TimelineActions {
  const insert = createInsert(projectId, create);
  const indexOf = (id: string) => visibleSegments(projectId).findIndex((one) => one.id === id);

  const moveTo = (id: string, target: string) => {
    move(id, target);
    goTo(id);
    const { length: count } = visibleSegments(projectId);
    announce(t("narrate.move.done", { number: indexOf(id) + 1, count }));
  };
  const moveToIndex = (id: string, index: number) => {
    const segments = visibleSegments(projectId);
    const target = segments[Math.max(0, Math.min(index, segments.length - 1))];
    if (target && target.id !== id) moveTo(id, target.id);
  };

  return {
    insertAfter: (id) => insert((order) => (id === null ? 0 : order.indexOf(id) + 1)),
    insertBefore: (id) => insert((order) => Math.max(0, order.indexOf(id))),
    move: moveTo,
    moveBy: (id, places) => moveToIndex(id, indexOf(id) + places),
    moveTo: (id, number) => moveToIndex(id, number - 1),
    remove,
    undoRemove,
    setLocked: (segment, isLocked) => setLocked(segment, isLocked, patch),
  };
}

/** One at a time, however often the key is pressed: the new text is about to be focused. */
function createInsert(projectId: string, create: Requests["create"]) {
  let isInserting = false;
  return async (indexIn: (order: string[]) => number): Promise<void> => {
    if (isInserting) return;
    isInserting = true;
    try {
      await orderSettled(projectId); // places are counted in the server's order
      const { id } = await create({ text: "", index: indexIn(wantedOrder(projectId)) });
      goTo(id, "text");
    } catch (error) {
      toast.failed(t("narrate.segment.insertFailed"), error);
    } finally {
      isInserting = false;
    }
  };
}

function remove(segment: Segment): void {
  if (usePendingDeletes.getState().hidden.has(segment.id)) return;
  const segments = visibleSegments(segment.project);
  const index = segments.findIndex(({ id }) => id === segment.id);
  const neighbour = segments[index + 1] ?? segments[index - 1];
  deleteLater(segment, index + 1, ({ id }) => goTo(id));
  if (neighbour) goTo(neighbour.id);
}

function undoRemove(): void {
  announce(t(undoDelete() ? "narrate.delete.undone" : "narrate.delete.nothing"));
}

/** What was typed goes first: a locked segment takes no text. */
async function setLocked(segment: Segment, isLocked: boolean, patch: Requests["patch"]): Promise<void> {
  const { id } = segment;
  try {
    if (isLocked) await saveDrafts(id);
    if (isLocked && hasUnsaved(id)) return void toast.say(t("narrate.lock.unsaved"));
    await patch({ id, patch: { is_locked: isLocked } });
    announce(t(isLocked ? "narrate.lock.locked" : "narrate.lock.unlocked"));
    if (!isLocked) await saveDrafts(id); // what was refused because of the lock
  } catch (error) {
    toast.failed(t(isLocked ? "narrate.lock.lockFailed" : "narrate.lock.unlockFailed"), error);
  }
}

const Actions = createContext<TimelineActions | null>(null);
export const ActionsProvider = Actions.Provider;

export function useActions(): TimelineActions {
  const actions = useContext(Actions);
  if (!actions) throw new Error("No timeline around this component.");
  return actions;
}
