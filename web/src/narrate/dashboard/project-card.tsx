import { Clock } from "lucide-react";
import { Fragment, memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Project } from "@/api/client";
import { lengthOf } from "@/strings/time";
import { Ago } from "@/ui/ago";
import { type ProjectAction, ProjectMenu } from "./project-menu";
import { ProjectProgress } from "./project-progress";
import { ProjectStatus } from "./project-status";

interface ProjectCardProps {
  project: Project;
  onAction: (action: ProjectAction, project: Project) => void;
}

export const cardLinkId = (projectId: string) => `project-${projectId}`;

/** One link, however large, and the menu above it. Cards out of sight are not laid out. */
export const ProjectCard = memo(function ProjectCard({ project, onAction }: ProjectCardProps) {
  return (
    <article className="relative flex h-full flex-col gap-3 sm:min-h-44 rounded-xl border bg-card p-4 shadow-xs transition-[border-color,box-shadow] [contain-intrinsic-size:auto_11.5rem] [content-visibility:auto] hover:border-input hover:shadow-md">
      <header className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h2 className="font-serif text-lg leading-snug font-semibold wrap-anywhere">
            <Link
              id={cardLinkId(project.id)}
              to={`/narrate/${project.id}`}
              title={project.title}
              className="line-clamp-2 outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring"
            >
              {project.title}
            </Link>
          </h2>
          {project.author && <p className="truncate text-sm text-muted-foreground">{project.author}</p>}
        </div>
        <div className="relative -mt-1 -mr-2">
          <ProjectMenu project={project} onAction={onAction} />
        </div>
      </header>
      <div className="mt-auto flex flex-col gap-2.5">
        <Counts project={project} />
        <ProjectProgress project={project} />
        <footer className="flex items-center justify-between gap-2 text-xs text-muted-foreground">
          <span className="flex items-center gap-2.5">
            <ProjectStatus status={project.status} />
            <Duration seconds={project.duration} />
          </span>
          <Ago at={project.updated_at} className="relative" />
        </footer>
      </div>
    </article>
  );
});

function Counts({ project }: { project: Project }) {
  const { t } = useTranslation();
  const { segment_count: segments, audio_count: withAudio, stale_count: stale } = project;
  const counts = [
    t("narrate.dashboard.segments", { count: segments }),
    segments > 0 && t("narrate.dashboard.withAudio", { count: withAudio }),
    stale > 0 && t("narrate.dashboard.outdated", { count: stale }),
  ];
  return (
    <p className="text-sm text-muted-foreground">
      {counts
        .filter((text) => text !== false)
        .map((text, place) => (
          <Fragment key={text}>
            {place > 0 && " "}
            <span className="whitespace-nowrap">
              {place > 0 && "· "}
              {text}
            </span>
          </Fragment>
        ))}
    </p>
  );
}

function Duration({ seconds }: { seconds: number }) {
  const { t } = useTranslation();
  if (seconds === 0) return null;
  return (
    <span className="flex items-center gap-1 tabular-nums">
      <Clock aria-hidden className="size-3" />
      <span className="sr-only">{t("narrate.dashboard.duration")}</span>
      {lengthOf(seconds)}
    </span>
  );
}
