/**
 * The order of a project's segments while the server does not have it yet. It lies over what the server
 * answers, so that no answer in between makes cards jump back; a refusal takes it away.
 */
import { useMemo } from "react";
import { create } from "zustand";
import { ApiError, type ProjectDetail, type Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { useReorderSegments } from "@/api/segments";
import { queryClient } from "@/query-client";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";

type Order = readonly string[];

export const useOrders = create<{ orders: Readonly<Record<string, Order | undefined>> }>(() => ({
  orders: {},
}));

/** The segments as the order says. One that it does not name stays behind the one it follows now. */
export function inOrder(segments: Segment[], order: Order | undefined): Segment[] {
  if (!order) return segments;
  const rankOf = new Map(order.map((id, rank) => [id, rank]));
  let last = -1;
  const ranked = segments.map((segment) => {
    last = rankOf.get(segment.id) ?? last;
    return { segment, rank: last, isNamed: rankOf.has(segment.id) };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank || Number(b.isNamed) - Number(a.isNamed))
    .map(({ segment }) => segment);
}

/** ids with one of them taken out and put where target is now. */
export function moved(ids: Order, id: string, target: string): string[] {
  const from = ids.indexOf(id);
  const to = ids.indexOf(target);
  if (from < 0 || to < 0) return [...ids];
  return ids.toSpliced(from, 1).toSpliced(to, 0, id);
}

/** All of the project's segments, those about to be deleted too, in the order that is wanted. */
export function wantedOrder(projectId: string): string[] {
  const project = queryClient.getQueryData<ProjectDetail>(keys.project(projectId));
  const order = useOrders.getState().orders[projectId];
  return inOrder(project?.segments ?? [], order).map(({ id }) => id);
}

function want(projectId: string, order: Order | undefined): void {
  useOrders.setState(({ orders }) => ({ orders: { ...orders, [projectId]: order } }));
}

type Send = (order: string[]) => Promise<unknown>;

const sending = new Map<string, Promise<void>>();

/** Resolves when the server has the order that was wanted last, or has refused it. */
export function orderSettled(projectId: string): Promise<void> {
  return sending.get(projectId) ?? Promise.resolve();
}

/** One request at a time; of several orders wanted meanwhile only the last is sent. */
async function sendWanted(projectId: string, send: Send): Promise<void> {
  let isSecondTry = false;
  for (;;) {
    const wanted = useOrders.getState().orders[projectId];
    if (!wanted) return;
    try {
      await send(wantedOrder(projectId));
      isSecondTry = false;
      if (useOrders.getState().orders[projectId] === wanted) want(projectId, undefined);
    } catch (error) {
      // A segment came or went meanwhile: what was fetched since names it.
      const isOutdated = error instanceof ApiError && error.status === 400;
      if (isOutdated && !isSecondTry) {
        isSecondTry = true;
        continue;
      }
      want(projectId, undefined);
      toast.failed(t("narrate.move.failed"), error);
      return;
    }
  }
}

/** Puts a segment where another one is now. */
export function moveSegment(projectId: string, id: string, target: string, send: Send): void {
  const before = wantedOrder(projectId);
  const order = moved(before, id, target);
  if (order.every((one, index) => one === before[index])) return;
  want(projectId, order);
  if (!sending.has(projectId))
    sending.set(
      projectId,
      sendWanted(projectId, send).finally(() => sending.delete(projectId)),
    );
}

export function useMoveSegment(projectId: string) {
  const { mutateAsync } = useReorderSegments(projectId);
  return useMemo(
    () => (id: string, target: string) => moveSegment(projectId, id, target, mutateAsync),
    [projectId, mutateAsync],
  );
}
