import { Pause, Play, RotateCcw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TaskSummary } from "@/api/client";
import { hasEnded, type TaskAction, useTaskAction } from "@/api/tasks";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

const ICONS = { pause: Pause, resume: Play, cancel: X, retry: RotateCcw };

/** What can be done with a task as it is. */
function actionsOf(task: TaskSummary): TaskAction[] {
  if (hasEnded(task)) return task.progress.failed > 0 ? ["retry"] : [];
  return [task.paused ? "resume" : "pause", "cancel"];
}

export function TaskActions({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const { mutate, isPending } = useTaskAction();
  const actions = actionsOf(task);

  if (actions.length === 0) return null;
  const start = (action: TaskAction) =>
    mutate(
      { taskId: task.task_id, action },
      { onError: (error) => toast.failed(t(`queue.actionFailed.${action}`), error) },
    );
  return (
    <div className="-ml-2 flex flex-wrap gap-1">
      {actions.map((action) => {
        const Icon = ICONS[action];
        return (
          <Button
            key={action}
            look="quiet"
            size="small"
            className="px-2"
            disabled={isPending}
            onClick={() => start(action)}
          >
            <Icon aria-hidden />
            {t(`queue.action.${action}`, { count: task.progress.failed })}
          </Button>
        );
      })}
    </div>
  );
}
