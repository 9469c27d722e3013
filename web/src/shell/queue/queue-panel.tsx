import { CircleCheck } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { hasEnded } from "@/api/tasks";
import { Sheet } from "@/ui/sheet";
import { SkeletonList } from "@/ui/skeleton";
import { setPanel, usePanels } from "../panels";
import { TaskRow } from "./task-row";

/** All that is spoken, waits, or ended a while ago. */
export function QueuePanel() {
  const { t } = useTranslation();
  const isOpen = usePanels(({ open }) => open === "queue");
  return (
    <Sheet isOpen={isOpen} onOpenChange={(open) => setPanel("queue", open)} title={t("queue.title")}>
      <Queue />
    </Sheet>
  );
}

export function Queue() {
  const { t } = useTranslation();
  const { tasks, isKnown, queueError } = useStudio();

  if (!isKnown) return <SkeletonList count={3} />;
  if (tasks.length === 0) return <EmptyQueue />;
  // The server has the newest first; work is done in the order in which it came.
  return (
    <div className="flex flex-col gap-6">
      {queueError !== null && (
        <p role="status" className="rounded-lg bg-bad-ground p-3 text-sm text-bad">
          {t("queue.stuck", { reason: queueError })}
        </p>
      )}
      <TaskGroup title={t("queue.underWay")} tasks={tasks.filter((task) => !hasEnded(task)).toReversed()} />
      <TaskGroup title={t("queue.lately")} tasks={tasks.filter(hasEnded)} />
    </div>
  );
}

function TaskGroup({ title, tasks }: { title: string; tasks: TaskSummary[] }) {
  const id = useId();
  if (tasks.length === 0) return null;
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <h3 id={id} className="text-xs font-semibold text-muted-foreground">
        {title}
      </h3>
      <ul className="flex flex-col gap-2">
        {tasks.map((task) => (
          <TaskRow key={task.task_id} task={task} />
        ))}
      </ul>
    </section>
  );
}

function EmptyQueue() {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-16 text-center">
      <CircleCheck aria-hidden className="size-8 text-muted-foreground" />
      <p className="font-medium">{t("queue.empty")}</p>
      <p className="text-sm text-muted-foreground">{t("queue.emptyAbout")}</p>
    </div>
  );
}
