/** A project as the page shows it: without what is about to be deleted, in the order that was asked for. */
import { useMemo } from "react";
import type { ProjectDetail, Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { usePendingDeletes } from "./pending-deletes";
import { inOrder, useOrders } from "./segment-order";

function visible(
  segments: Segment[],
  order: readonly string[] | undefined,
  hidden: ReadonlySet<string>,
): Segment[] {
  const ordered = inOrder(segments, order);
  return ordered.some(({ id }) => hidden.has(id)) ? ordered.filter(({ id }) => !hidden.has(id)) : ordered;
}

/** With the numbers and counts of what is left. */
function withSegments(project: ProjectDetail, visible: Segment[]): ProjectDetail {
  if (visible === project.segments) return project;
  const segments = visible.map((one, index) =>
    one.sequence_index === index ? one : { ...one, sequence_index: index },
  );
  return {
    ...project,
    segments,
    segment_count: segments.length,
    audio_count: segments.filter((one) => one.audio_file !== null).length,
    locked_count: segments.filter((one) => one.is_locked).length,
    stale_count: segments.filter((one) => one.audio_stale).length,
    duration: segments.reduce((sum, one) => sum + (one.audio_duration ?? 0), 0),
  };
}

export function useVisibleProject(project: ProjectDetail): ProjectDetail {
  const order = useOrders(({ orders }) => orders[project.id]);
  const hidden = usePendingDeletes(({ hidden }) => hidden);
  return useMemo(
    () => withSegments(project, visible(project.segments, order, hidden)),
    [project, order, hidden],
  );
}

/** The same segments for actions, at the moment they happen. */
export function visibleSegments(projectId: string): Segment[] {
  const project = queryClient.getQueryData<ProjectDetail>(keys.project(projectId));
  const order = useOrders.getState().orders[projectId];
  return visible(project?.segments ?? [], order, usePendingDeletes.getState().hidden);
}
