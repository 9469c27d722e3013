import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { useProjects } from "@/api/projects";
import { usePageTitle } from "@/shell/page-title";
import { useShortcut } from "@/shell/shortcuts";
import { DropTarget } from "@/ui/drop-target";
import { useSearch } from "@/shell/use-search";
import { DashboardHeader } from "./dashboard-header";
import { DeleteProject } from "./delete-project";
import { FirstSteps } from "./first-steps";
import { ImportDialog } from "./import-dialog";
import { NewProject } from "./new-project";
import { cardLinkId } from "./project-card";
import type { ProjectAction } from "./project-menu";
import { listed, neighbour } from "./project-pages";
import { Projects } from "./projects";
import { RenameProject } from "./rename-project";
import { useImport } from "./use-import";
import { useProjectRemoval } from "./use-project-removal";

type Dialog = { name: "new" } | { name: ProjectAction; project: Project };

/** All projects, and the ways to new ones. */
export function Dashboard() {
  const { t } = useTranslation();
  const { search, draft, setDraft } = useSearch();
  const query = useProjects(search);
  const { removed, remove } = useProjectRemoval();
  const pages = query.data?.pages;
  const { projects, count } = useMemo(() => listed(pages, removed), [pages, removed]);
  const isSettled = query.isSuccess && !query.isPlaceholderData;
  const isEmpty = isSettled && count === 0 && search === "";

  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const act = useCallback((name: ProjectAction, project: Project) => setDialog({ name, project }), []);
  const subject = (name: ProjectAction) => (dialog?.name === name ? dialog.project : null);
  const story = useImport(dialog !== null);
  const startNew = () => setDialog({ name: "new" });
  const startImport = () => story.open();

  const heading = useRef<HTMLHeadingElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const next = useRef<Project>(undefined);
  const removeAndGoOn = (project: Project) => {
    next.current = neighbour(projects, project.id);
    void remove(project);
  };
  const clearSearch = () => {
    setDraft("");
    searchField.current?.focus();
  };

  usePageTitle(t("narrate.dashboard.title"));
  useShortcut("/", () => searchField.current?.focus(), {
    group: t("narrate.tab"),
    label: t("narrate.dashboard.search"),
  });
  useShortcut("n", startNew, { group: t("narrate.tab"), label: t("narrate.dashboard.new") });
  useShortcut("i", startImport, { group: t("narrate.tab"), label: t("narrate.import.title") });

  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-6">
      {isEmpty ? (
        <FirstSteps heading={heading} onImport={startImport} onNew={startNew} />
      ) : (
        <>
          <DashboardHeader
            heading={heading}
            searchField={searchField}
            draft={draft}
            onDraftChange={setDraft}
            status={
              isSettled
                ? t(search ? "narrate.dashboard.found" : "narrate.dashboard.count", { count, search })
                : ""
            }
            onNew={startNew}
            onImport={startImport}
          />
          <Projects
            query={query}
            projects={projects}
            search={search}
            onSearchClear={clearSearch}
            onAction={act}
          />
        </>
      )}
      <NewProject isOpen={dialog?.name === "new"} onOpenChange={close} />
      <RenameProject project={subject("rename")} onClose={close} />
      <DeleteProject
        project={subject("delete")}
        onClose={close}
        onDelete={removeAndGoOn}
        focusInstead={() => document.getElementById(cardLinkId(next.current?.id ?? "")) ?? heading.current}
      />
      <ImportDialog
        isOpen={story.isOpen}
        onOpenChange={story.setIsOpen}
        choice={story.choice}
        pastedText={story.pastedText}
        onChoose={story.choose}
      />
      {story.isOver && <DropTarget title={t("narrate.import.drop")} about={t("narrate.import.dropAbout")} />}
    </div>
  );
}
