import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { Confirm } from "@/ui/confirm";

interface DeleteProjectProps {
  project: Project | null;
  onClose: () => void;
  onDelete: (project: Project) => void;
  /** What gets the focus, which goes with the project. */
  focusInstead: () => HTMLElement | null;
}

export function DeleteProject({ project, onClose, onDelete, focusInstead }: DeleteProjectProps) {
  const { t } = useTranslation();
  return (
    <Confirm
      isOpen={project !== null}
      onOpenChange={onClose}
      title={t("narrate.dashboard.deleteTitle", { title: project?.title ?? "" })}
      about={t("narrate.dashboard.deleteAbout", { count: project?.segment_count ?? 0 })}
      action={t("narrate.dashboard.delete")}
      onConfirm={() => project && onDelete(project)}
      focusInstead={focusInstead}
    />
  );
}
