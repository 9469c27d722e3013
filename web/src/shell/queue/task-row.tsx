import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { TaskSummary } from "@/api/client";
import { hasEnded } from "@/api/tasks";
import { moment, timeLeft } from "@/strings/time";
import { Badge } from "@/ui/badge";
import { Progress } from "@/ui/progress";
import { setPanel } from "../panels";
import { ProjectTitle } from "./project-title";
import { TaskActions } from "./task-actions";
import { TaskErrors } from "./task-errors";
import { progressWords, taskState, TONES } from "./task-words";

/** One task of the queue. */
export function TaskRow({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const id = useId();
  const state = taskState(task);

  return (
    <li>
      <article aria-labelledby={id} className="flex flex-col gap-2 rounded-lg border p-3">
        <div className="flex items-start justify-between gap-2">
          <h4 id={id} className="min-w-0 text-sm font-medium wrap-anywhere">
            <TaskLink task={task} />
          </h4>
          <Badge tone={TONES[state]}>{t(`queue.state.${state}`)}</Badge>
        </div>
        {!hasEnded(task) && (
          <Progress value={task.progress.completed} max={task.progress.total} label={progressWords(task)} />
        )}
        <TaskFacts task={task} />
        <div className="flex flex-wrap items-center justify-between gap-x-3 empty:hidden">
          <TaskActions task={task} />
          {task.eta_s !== null && (
            <p className="ml-auto text-xs text-muted-foreground">{timeLeft(task.eta_s)}</p>
          )}
        </div>
        <TaskErrors task={task} />
      </article>
    </li>
  );
}

function TaskLink({ task: { project_id } }: { task: TaskSummary }) {
  const title = <ProjectTitle id={project_id} />;
  if (project_id === null) return title;
  return (
    <Link
      to={`/narrate/${project_id}`}
      className="rounded-sm hover:underline"
      onClick={() => setPanel("queue", false)}
    >
      {title}
    </Link>
  );
}

function TaskFacts({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const since = task.finished_at ?? task.started_at ?? task.created_at;
  return (
    <p className="flex flex-wrap justify-between gap-x-3 text-xs text-muted-foreground tabular-nums">
      <span>{progressWords(task)}</span>
      <time dateTime={since}>{t(sinceWhat(task), { moment: moment(since) })}</time>
    </p>
  );
}

function sinceWhat(task: TaskSummary): "queue.ended" | "queue.started" | "queue.added" {
  if (task.finished_at !== null) return "queue.ended";
  return task.started_at !== null ? "queue.started" : "queue.added";
}
