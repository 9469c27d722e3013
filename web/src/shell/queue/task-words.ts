import type { TaskSummary } from "@/api/client";
import { t } from "@/strings/strings";
import type { Tone } from "@/ui/badge";

type TaskState = "waiting" | "running" | "paused" | "done" | "partly" | "failed" | "cancelled";

/** A task's state in one word; the API spreads it over a status and what qualifies it. */
export function taskState({ status, paused, cancelled, progress }: TaskSummary): TaskState {
  if (status === "PENDING") return "waiting";
  if (status === "PROCESSING") return paused ? "paused" : "running";
  if (status === "FAILED") return "failed";
  if (cancelled) return "cancelled";
  return progress.failed > 0 ? "partly" : "done";
}

export const TONES: Readonly<Record<TaskState, Tone>> = {
  waiting: "plain",
  running: "busy",
  paused: "plain",
  done: "good",
  partly: "bad",
  failed: "bad",
  cancelled: "plain",
};

/** "4 of 12 segments (33%)", or with failures "10 of 12 segments, 2 failed". */
export function progressWords({ progress: { completed, failed, total } }: TaskSummary): string {
  if (failed > 0) return t("queue.progressFailed", { spoken: completed - failed, failed, count: total });
  return t("queue.progress", { completed, count: total, percentage: percentage(completed, total) });
}

/** Rounded down, so that 100 % is only said of what is complete. */
function percentage(completed: number, total: number): number {
  return total > 0 ? Math.floor((100 * completed) / total) : 0;
}
