import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { TaskSummary } from "@/api/client";
import { useProject } from "@/api/projects";
import { useTask } from "@/api/tasks";
import { classes } from "@/ui/classes";
import { setPanel } from "../panels";

/** What went wrong, asked for when somebody wants to know. */
export function TaskErrors({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { failed } = task.progress;

  if (failed === 0 && task.status !== "FAILED") return null;
  return (
    <div className="text-xs">
      <button
        aria-expanded={isOpen}
        className="-ml-1 flex min-h-6 items-center gap-1 rounded-sm px-1 font-medium text-muted-foreground hover:text-foreground"
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight
          aria-hidden
          className={classes("size-3.5 transition-transform", isOpen && "rotate-90")}
        />
        {t("queue.errors", { count: Math.max(failed, 1) })}
      </button>
      {isOpen && <ErrorList task={task} />}
    </div>
  );
}

function ErrorList({ task }: { task: TaskSummary }) {
  const { t } = useTranslation();
  const { data, error, isPending } = useTask(task);

  if (isPending) return <p className="py-1 text-muted-foreground">{t("ui.loading")}</p>;
  if (error) return <p className="py-1 text-bad">{error.message}</p>;
  return (
    <ul className="flex flex-col gap-1.5 py-1.5 pl-4">
      {data.errors.map((one) => (
        <li key={one.segment_id ?? "task"} className="wrap-anywhere">
          {one.segment_id !== null && task.project_id !== null && (
            <>
              <SegmentLink projectId={task.project_id} segmentId={one.segment_id} />{" "}
            </>
          )}
          <span className="text-bad">{one.error}</span>
        </li>
      ))}
    </ul>
  );
}

/** By its place in the project; what was deleted since has none. */
function SegmentLink({ projectId, segmentId }: { projectId: string; segmentId: string }) {
  const { t } = useTranslation();
  const { data } = useProject(projectId);
  const place = data?.segments.findIndex((segment) => segment.id === segmentId) ?? -1;

  if (place < 0) return null;
  return (
    <Link
      to={`/narrate/${projectId}?segment=${segmentId}`}
      className="font-medium underline underline-offset-2"
      onClick={() => setPanel("queue", false)}
    >
      {t("queue.segment", { number: place + 1 })}
    </Link>
  );
}
