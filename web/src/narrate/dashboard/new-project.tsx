import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useCreateProject } from "@/api/projects";
import { TitleDialog } from "./title-dialog";

interface NewProjectProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Makes a project without segments and goes there. */
export function NewProject({ isOpen, onOpenChange }: NewProjectProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { mutate, isPending, error, reset } = useCreateProject();
  const change = (open: boolean) => {
    reset();
    onOpenChange(open);
  };

  return (
    <TitleDialog
      isOpen={isOpen}
      onOpenChange={change}
      heading={t("narrate.dashboard.new")}
      action={t("narrate.dashboard.create")}
      isSaving={isPending}
      error={error}
      onSave={(title) => mutate(title, { onSuccess: ({ id }) => void navigate(`/narrate/${id}`) })}
    />
  );
}
