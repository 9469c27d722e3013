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
        {hasEnded(task) ? null : (
          <Progress value={task.progress.completed} max={task.progress.total} label={progressWords(task)} />
        )}
        <TaskFacts task={task} />
        <TaskActions task={task} />
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
  const facts = [
    progressWords(task),
    task.eta_s !== null && !hasEnded(task) && timeLeft(task.eta_s),
    t(`queue.${sinceWhat(task)}`, { moment: moment(since) }),
  ];
  return (
    <p className="flex flex-wrap gap-x-2 text-xs text-muted-foreground tabular-nums">
      {facts
        .filter((fact) => fact !== false)
        .map((fact) => (
          <span key={fact} className="not-last:after:ml-2 not-last:after:content-['·']">
            {fact}
          </span>
        ))}
    </p>
  );
}

function sinceWhat(task: TaskSummary): "ended" | "started" | "added" {
  if (task.finished_at !== null) return "ended";
  return task.started_at !== null ? "started" : "added";
}
