import { FileUp, Plus } from "lucide-react";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { useProjects } from "@/api/projects";
import { usePageTitle } from "@/shell/page-title";
import { useShortcut } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { DeleteProject } from "./delete-project";
import { DropTarget } from "./drop-target";
import { FirstSteps } from "./first-steps";
import { ImportDialog } from "./import-dialog";
import { NewProject } from "./new-project";
import { Problem } from "./problem";
import { ProjectSkeletons } from "./project-grid";
import type { ProjectAction } from "./project-menu";
import { listed } from "./project-pages";
import { Projects } from "./projects";
import { RenameProject } from "./rename-project";
import { SearchField } from "./search-field";
import { useImport } from "./use-import";
import { useProjectRemoval } from "./use-project-removal";
import { useSearch } from "./use-search";

type Dialog = { name: "new" } | { name: ProjectAction; project: Project };

/** All projects, and the ways to new ones. */
export function Dashboard() {
  const { t } = useTranslation();
  const { search, draft, setDraft } = useSearch();
  const query = useProjects(search);
  const { removed, remove } = useProjectRemoval();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const story = useImport(dialog !== null);

  const startNew = () => setDialog({ name: "new" });
  const startImport = () => story.open();
  const act = useCallback((name: ProjectAction, project: Project) => setDialog({ name, project }), []);
  const close = () => setDialog(null);
  const subject = (name: ProjectAction) => (dialog?.name === name ? dialog.project : null);

  const { projects, count } = listed(query.data?.pages, removed);
  const isEmpty = query.isSuccess && !query.isPlaceholderData && count === 0 && search === "";

  usePageTitle(t("narrate.dashboard.title"));
  useShortcut("n", startNew, { group: t("narrate.tab"), label: t("narrate.dashboard.new") });
  useShortcut("i", startImport, { group: t("narrate.tab"), label: t("narrate.import.title") });

  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <h1 className={isEmpty ? "sr-only" : "text-2xl font-semibold"}>{t("narrate.dashboard.title")}</h1>
        <p role="status" className="text-sm text-muted-foreground">
          {query.isSuccess &&
            !isEmpty &&
            t(search ? "narrate.dashboard.found" : "narrate.dashboard.count", { count, search })}
        </p>
        {!isEmpty && (
          <div className="flex grow flex-wrap items-center justify-end gap-2">
            <SearchField value={draft} onChange={setDraft} />
            <Button look="outline" aria-keyshortcuts="i" onClick={startImport}>
              <FileUp />
              {t("narrate.import.action")}
            </Button>
            <Button aria-keyshortcuts="n" onClick={startNew}>
              <Plus />
              {t("narrate.dashboard.new")}
            </Button>
          </div>
        )}
      </header>
      {query.isPending ? (
        <ProjectSkeletons />
      ) : isEmpty ? (
        <FirstSteps onImport={startImport} onNew={startNew} />
      ) : query.data ? (
        <Projects
          query={query}
          projects={projects}
          search={search}
          onSearchClear={() => setDraft("")}
          onAction={act}
        />
      ) : (
        <Problem title={t("narrate.dashboard.loadFailed")} error={query.error}>
          <Button look="outline" size="small" onClick={() => void query.refetch()}>
            {t("narrate.dashboard.retry")}
          </Button>
        </Problem>
      )}
      <NewProject isOpen={dialog?.name === "new"} onOpenChange={close} />
      <RenameProject project={subject("rename")} onClose={close} />
      <DeleteProject project={subject("delete")} onClose={close} onDelete={(gone) => void remove(gone)} />
      <ImportDialog
        isOpen={story.isOpen}
        onOpenChange={story.setIsOpen}
        choice={story.choice}
        pastedText={story.pastedText}
        onChoose={story.choose}
      />
      {story.isOver && <DropTarget />}
    </div>
  );
}
