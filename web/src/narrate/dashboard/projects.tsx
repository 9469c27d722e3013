import { useTranslation } from "react-i18next";
import { type Project, wordsOf } from "@/api/client";
import type { useProjects } from "@/api/projects";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/problem";
import { Spinner } from "@/ui/spinner";
import { ProjectGrid, ProjectSkeletons } from "./project-grid";
import type { ProjectAction } from "./project-menu";

interface ProjectsProps {
  query: ReturnType<typeof useProjects>;
  projects: readonly Project[];
  search: string;
  onSearchClear: () => void;
  onAction: (action: ProjectAction, project: Project) => void;
}

/** What was found and the way to more of it; or that it is on its way, or why there is nothing. */
export function Projects({ query, projects, search, onSearchClear, onAction }: ProjectsProps) {
  if (query.isPending) return <ProjectSkeletons />;
  if (!query.data) return <NotLoaded query={query} />;
  if (projects.length === 0 && search !== "" && !query.isPlaceholderData)
    return <NoMatch search={search} onClear={onSearchClear} />;
  return (
    <div aria-busy={query.isPlaceholderData} className="flex flex-col gap-6 aria-busy:opacity-60">
      <ProjectGrid projects={projects} onAction={onAction} />
      {query.hasNextPage && <ShowMore query={query} shown={projects.length} />}
    </div>
  );
}

function NotLoaded({ query }: { query: ProjectsProps["query"] }) {
  const { t } = useTranslation();
  return (
    <Problem title={t("narrate.dashboard.loadFailed")} reason={wordsOf(query.error)}>
      <Button look="outline" size="small" onClick={() => void query.refetch()}>
        {t("narrate.dashboard.retry")}
      </Button>
    </Problem>
  );
}

function NoMatch({ search, onClear }: { search: string; onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <section className="flex flex-col items-center gap-4 py-16 text-center">
      <h2 className="max-w-full font-serif text-xl font-semibold wrap-anywhere">
        {t("narrate.dashboard.noMatch", { search })}
      </h2>
      <p className="text-sm text-muted-foreground">{t("narrate.dashboard.noMatchAbout")}</p>
      <Button look="outline" onClick={onClear}>
        {t("narrate.dashboard.showAll")}
      </Button>
    </section>
  );
}

function ShowMore({ query, shown }: { query: ProjectsProps["query"]; shown: number }) {
  const { t } = useTranslation();
  const { data, error, fetchNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  const rest = (data?.pages[0]?.count ?? 0) - shown;
  return (
    <footer className="flex flex-col items-center gap-4">
      {isFetchNextPageError && <Problem title={t("narrate.dashboard.loadFailed")} reason={wordsOf(error)} />}
      <Button look="outline" aria-disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage && <Spinner />}
        {t("narrate.dashboard.showMore", { count: rest })}
      </Button>
    </footer>
  );
}
