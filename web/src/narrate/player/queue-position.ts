import { useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { ProjectDetail, Segment } from "@/api/client";
import { useTask } from "./audio-state";

/**
 * How many are before a waiting segment of the same task, itself counted; a task's segments are spoken in
 * their order. Unknown while its task waits for others.
 */
export function useQueuePosition(segment: Segment): { position: number | undefined; isPaused: boolean } {
  const task = useTask(segment);
  const project = useQueryClient().getQueryData<ProjectDetail>(keys.project(segment.project));
  const isPaused = task?.paused ?? false;
  if (!project || task?.status !== "PROCESSING" || isPaused) return { position: undefined, isPaused };
  const isAhead = (one: Segment) =>
    one.task_id === segment.task_id &&
    one.sequence_index < segment.sequence_index &&
    one.id !== task.progress.current_segment_id;
  return { position: project.segments.filter(isAhead).length + 1, isPaused };
}
