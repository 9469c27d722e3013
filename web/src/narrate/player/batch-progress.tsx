import { Pause, Play, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type TaskAction, useTaskAction } from "@/api/tasks";
import type { TaskSummary } from "@/api/client";
import { clock } from "@/strings/time";
import { Button } from "@/ui/button";
import { Progress } from "@/ui/progress";
import { toast } from "@/ui/toast";

/** "Generating audio... 4/12 segments complete (33%)", and what can be done about it. */
export function BatchProgress({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const { mutate, isPending } = useTaskAction();
  const { completed, total, failed } = task.progress;
  const percentage = total > 0 ? Math.floor((completed * 100) / total) : 0;
  const text = t(task.paused ? "narrate.generation.paused" : "narrate.generation.progress", {
    completed,
    total,
    percentage,
  });
  const act = (action: TaskAction) => () =>
    mutate(
      { taskId: task.task_id, action },
      { onError: (error) => toast.failed(t("narrate.generation.actionFailed"), error) },
    );
  return (
    <div className="flex min-w-0 flex-1 basis-80 flex-wrap items-center gap-x-3 gap-y-2">
      <div className="flex min-w-0 flex-1 basis-56 flex-col gap-1">
        <p className="flex flex-wrap gap-x-3 text-sm">
          <span className="tabular-nums">{text}</span>
          {failed > 0 && (
            <span className="text-bad">{t("narrate.generation.failed", { count: failed })}</span>
          )}
          {task.eta_s !== null && task.eta_s >= 1 && (
            <span className="text-muted-foreground tabular-nums sm:ml-auto">
              {t("narrate.generation.eta", { time: clock(task.eta_s) })}
            </span>
          )}
        </p>
        <Progress value={completed} max={total} label={text} />
      </div>
      <div className="flex gap-2">
        <Button look="outline" aria-disabled={isPending} onClick={act(task.paused ? "resume" : "pause")}>
          {task.paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {t(task.paused ? "narrate.generation.resume" : "narrate.generation.pause")}
        </Button>
        <Button look="outline" aria-disabled={isPending} onClick={act("cancel")}>
          <X aria-hidden /> {t("narrate.generation.cancel")}
        </Button>
      </div>
    </div>
  );
}
