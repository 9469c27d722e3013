/** The task that speaks a project's segments, of which a project has one at a time. */
import { useStudio } from "@/api/events";
import { hasEnded } from "@/api/tasks";
import type { Segment, TaskSummary } from "@/api/client";

const isBatchOf = (projectId: string) => (task: TaskSummary) =>
  task.project_id === projectId && task.task_id.startsWith("tts_batch_");

/** The one that has not ended. */
export function useBatch(projectId: string): TaskSummary | undefined {
  return useStudio(({ tasks }) => tasks.find((task) => isBatchOf(projectId)(task) && !hasEnded(task)));
}

/** The last one in which segments failed that can be spoken again as one task. */
export function failedBatch(tasks: readonly TaskSummary[], projectId: string): TaskSummary | undefined {
  return tasks.find((task) => isBatchOf(projectId)(task) && hasEnded(task) && task.progress.failed > 0);
}

const canBeSpoken = (segment: Segment) => !segment.is_locked && segment.text_content.trim() !== "";

const isFresh = (segment: Segment) => segment.audio_file !== null && !segment.audio_stale;

interface BatchOutlook {
  /** Spoken by "Regenerate all". */
  speakable: number;
  /** All that can be spoken is, and none of it is being made anew. */
  isAllFresh: boolean;
  /** Whose last try failed. */
  failed: Segment[];
}

export function outlook(segments: readonly Segment[]): BatchOutlook {
  const speakable = segments.filter(canBeSpoken);
  return {
    speakable: speakable.length,
    isAllFresh: speakable.every((one) => isFresh(one) && one.task_id === null),
    failed: speakable.filter((one) => one.audio_error !== null && one.task_id === null),
  };
}
