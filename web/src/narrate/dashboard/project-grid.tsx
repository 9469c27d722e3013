import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { ProjectCard } from "./project-card";
import type { ProjectAction } from "./project-menu";

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,18.5rem),1fr))] gap-4";

interface ProjectGridProps {
  projects: readonly Project[];
  onAction: (action: ProjectAction, project: Project) => void;
}

/** Not drawn anew while somebody types a search. */
export const ProjectGrid = memo(function ProjectGrid({ projects, onAction }: ProjectGridProps) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t("narrate.dashboard.title")} className={GRID}>
      {projects.map((project) => (
        <li key={project.id}>
          <ProjectCard project={project} onAction={onAction} />
        </li>
      ))}
    </ul>
  );
});

const PLACES = [0, 1, 2, 3, 4, 5];

/** What stands where the projects will be. */
export function ProjectSkeletons() {
  const { t } = useTranslation();
  return (
    <>
      <p role="status" className="sr-only">
        {t("narrate.dashboard.loading")}
      </p>
      <div aria-hidden className={GRID}>
        {PLACES.map((place) => (
          <div key={place} className="flex h-46 animate-pulse flex-col gap-3 rounded-xl border bg-card p-4">
            <Bar className="h-5 w-3/4" />
            <Bar className="w-1/3" />
            <Bar className="mt-auto w-2/3" />
            <Bar className="h-1.5 w-full" />
            <Bar className="w-1/2" />
          </div>
        ))}
      </div>
    </>
  );
}

function Bar({ className }: { className: string }): ReactNode {
  return <span className={`h-3.5 rounded-full bg-muted ${className}`} />;
}
