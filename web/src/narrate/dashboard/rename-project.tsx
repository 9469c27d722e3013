import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { useRenameProject } from "@/api/projects";
import { toast } from "@/ui/toast";
import { TitleDialog } from "./title-dialog";

interface RenameProjectProps {
  project: Project | null;
  onClose: () => void;
}

export function RenameProject({ project, onClose }: RenameProjectProps) {
  const { t } = useTranslation();
  const { mutate, isPending, error, reset } = useRenameProject();
  const close = () => {
    reset();
    onClose();
  };
  const save = (title: string) => {
    if (!project) return;
    if (title === project.title) close();
    else
      mutate(
        { id: project.id, title },
        {
          onSuccess: () => {
            toast.done(t("narrate.dashboard.renamed", { title }));
            close();
          },
        },
      );
  };

  return (
    <TitleDialog
      isOpen={project !== null}
      onOpenChange={close}
      heading={t("narrate.dashboard.renameTitle")}
      action={t("narrate.dashboard.rename")}
      initial={project?.title ?? ""}
      isSaving={isPending}
      error={error}
      onSave={save}
    />
  );
}
