/** What there is to hear of a segment. */
import { useState } from "react";
import { useStudio } from "@/api/events";
import type { Segment, TaskSummary } from "@/api/client";
import { useTypedText } from "@/narrate/timeline/drafts";

export type AudioState = "none" | "queued" | "generating" | "ready" | "stale" | "failed";

/** A task says only which of its segments is spoken now; the others of it wait. */
function stateInTask(segment: Segment, task: TaskSummary | undefined): "queued" | "generating" {
  const isSpoken =
    task?.status === "PROCESSING" && !task.paused && task.progress.current_segment_id === segment.id;
  return isSpoken ? "generating" : "queued";
}

export function audioState(segment: Segment, tasks: readonly TaskSummary[]): AudioState {
  if (segment.task_id !== null)
    return stateInTask(
      segment,
      tasks.find((one) => one.task_id === segment.task_id),
    );
  if (segment.audio_error !== null) return "failed";
  if (segment.audio_file === null) return "none";
  return segment.audio_stale ? "stale" : "ready";
}

/** The task that speaks the segment or will, while it has not ended. */
export function useTask(segment: Segment): TaskSummary | undefined {
  return useStudio(({ tasks }) =>
    segment.task_id === null ? undefined : tasks.find((one) => one.task_id === segment.task_id),
  );
}

/**
 * Tasks are told of sooner than segments: between the two a segment that was just spoken looks like one
 * that waits. One that was being spoken stays so until its task lets it go or rests. A text that is being
 * written has no recording of its own yet.
 */
export function useAudioState(segment: Segment): AudioState {
  const task = useTask(segment);
  const isTyped = useTypedText(segment) === "other";
  const [spokenBy, setSpokenBy] = useState<string | null>(null);
  const shown = isTyped ? { ...segment, audio_stale: true, audio_error: null } : segment;
  const state = audioState(shown, task ? [task] : []);
  if (state === "generating" && spokenBy !== segment.task_id) setSpokenBy(segment.task_id);
  if (spokenBy !== null && (segment.task_id !== spokenBy || task?.paused)) setSpokenBy(null);
  return state === "queued" && spokenBy === segment.task_id && !task?.paused ? "generating" : state;
}
