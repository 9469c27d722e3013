import type { TaskSummary } from "@/api/client";

interface TaskInput extends Partial<Omit<TaskSummary, "progress">> {
  progress?: Partial<TaskSummary["progress"]>;
}

/** A task as the server tells it: a batch of twelve at work, unless it is said otherwise. */
export function makeTask({ progress, ...task }: TaskInput = {}): TaskSummary {
  return {
    task_id: "tts_batch_project-1_0a1b2c3d",
    project_id: "project-1",
    status: "PROCESSING",
    paused: false,
    cancelled: false,
    eta_s: null,
    created_at: "2026-05-04T10:00:00.000Z",
    started_at: "2026-05-04T10:00:01.000Z",
    finished_at: null,
    ...task,
    progress: {
      current: 5,
      total: 12,
      percentage: 41,
      current_segment_id: "segment-5",
      completed: 4,
      failed: 0,
      ...progress,
    },
  };
}

/** The same, ended. */
export function makeEndedTask({ progress, ...task }: TaskInput = {}): TaskSummary {
  return makeTask({
    status: "COMPLETED",
    finished_at: "2026-05-04T10:05:00.000Z",
    ...task,
    progress: { current: 12, completed: 12, percentage: 100, current_segment_id: null, ...progress },
  });
}
