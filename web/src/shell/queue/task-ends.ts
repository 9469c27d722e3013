/** Says when a task has ended while the page was open; toasts are read out politely. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { hasEnded } from "@/api/tasks";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";
import { setPanel } from "../panels";
import { titleOf } from "./project-title";
import { taskState } from "./task-words";

const endedIds = (tasks: TaskSummary[]) => new Set(tasks.filter(hasEnded).map((task) => task.task_id));

export function useTaskEnds(): void {
  const client = useQueryClient();

  useEffect(() => {
    const { isKnown, tasks } = useStudio.getState();
    let told = isKnown ? endedIds(tasks) : undefined;

    return useStudio.subscribe((studio, before) => {
      if (studio.tasks === before.tasks) return;
      const ended = studio.tasks.filter(hasEnded);
      if (told) for (const task of ended) if (!told.has(task.task_id)) void tell(client, task);
      told = endedIds(ended);
    });
  }, [client]);
}

/** One segment that went well is told by its card, where that is in sight. */
function isInSight({ project_id, progress, status }: TaskSummary): boolean {
  const isShown = project_id !== null && globalThis.location.pathname.includes(project_id);
  return isShown && progress.total === 1 && status !== "FAILED";
}

async function tell(client: QueryClient, task: TaskSummary): Promise<void> {
  if (task.project_id === null || isInSight(task)) return;
  const { completed, failed, total } = task.progress;
  const title = await titleOf(client, task.project_id).catch(() => t("queue.noProject"));
  const state = taskState(task);
  const details = { label: t("queue.show"), onClick: () => setPanel("queue", true) };

  if (state === "cancelled") toast.say(t("queue.toast.cancelled", { title, completed, count: total }));
  else if (state === "done") toast.done(t("queue.toast.done", { title, count: total }));
  else toast.warn(t("queue.toast.failed", { title, failed, count: total }), details);
}
