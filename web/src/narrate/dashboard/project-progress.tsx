import { useTranslation } from "react-i18next";
import { useShallow } from "zustand/shallow";
import type { Project, TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { hasEnded } from "@/api/tasks";
import { Progress } from "@/ui/progress";

/** Of all tasks of a project that have not ended. */
export function progressOf(tasks: readonly TaskSummary[], projectId: string) {
  const open = tasks.filter((task) => task.project_id === projectId && !hasEnded(task));
  return {
    completed: open.reduce((sum, { progress }) => sum + progress.completed, 0),
    total: open.reduce((sum, { progress }) => sum + progress.total, 0),
    stage: stageOf(open),
  };
}

/** A paused task's status is PROCESSING, and one behind another is not being spoken yet. */
function stageOf(open: readonly TaskSummary[]): "speaking" | "waiting" | "paused" {
  if (open.some(({ status, paused }) => status === "PROCESSING" && !paused)) return "speaking";
  return open.some(({ status }) => status === "PENDING") ? "waiting" : "paused";
}

/** How far the speaking is; else how much of the story has audio, and how much of that is outdated. */
export function ProjectProgress({ project }: { project: Project }) {
  const { t } = useTranslation();
  const { completed, total, stage } = useStudio(useShallow(({ tasks }) => progressOf(tasks, project.id)));
  if (project.status !== "PROCESSING" || total === 0) return <Coverage project={project} />;
  const words = stage === "paused" && completed > 0 ? "pausedAfter" : stage;
  const text = t(`narrate.dashboard.${words}`, { completed, total });
  return (
    <div className="flex flex-col gap-1.5">
      <Progress value={completed} max={total} label={text} className="h-1.5" />
      <p className="text-xs text-muted-foreground tabular-nums">{text}</p>
    </div>
  );
}

/** The counts beside it say the same in words. */
function Coverage({ project }: { project: Project }) {
  const { segment_count: segments, audio_count: withAudio, stale_count: stale } = project;
  const width = (count: number) => ({ width: `${(100 * count) / Math.max(segments, 1)}%` });
  return (
    <div aria-hidden className="flex h-1.5 overflow-hidden rounded-full bg-muted">
      <span className="bg-good/80" style={width(withAudio - stale)} />
      <span className="bg-busy/70" style={width(stale)} />
    </div>
  );
}
