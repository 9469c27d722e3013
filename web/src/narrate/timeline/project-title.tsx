import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { useRenameProject } from "@/api/projects";
import { TITLE_MAX } from "@/narrate/dashboard/title-dialog";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";

interface ProjectTitleProps {
  project: Project;
  isEditing: boolean;
  onEdit: (isEditing: boolean) => void;
}

/** The title, changed where it stands. */
export function ProjectTitle({ project, isEditing, onEdit }: ProjectTitleProps) {
  const { t } = useTranslation();
  const { mutate, variables, isPending } = useRenameProject();
  const title = isPending ? variables.title : project.title;
  const rename = (wanted: string) => {
    onEdit(false);
    if (wanted === "" || wanted === project.title) return;
    mutate(
      { id: project.id, title: wanted },
      { onError: (error) => toast.failed(t("narrate.timeline.renameFailed"), error) },
    );
  };

  if (isEditing) return <TitleField title={title} onSave={rename} onCancel={() => onEdit(false)} />;
  return (
    <h1 className="truncate font-serif text-lg leading-8 font-semibold" title={title}>
      <button
        type="button"
        aria-label={t("narrate.timeline.renameThis", { title })}
        onClick={() => onEdit(true)}
        className="max-w-full truncate rounded-md px-1.5 text-left hover:bg-accent"
      >
        {title}
      </button>
    </h1>
  );
}

interface TitleFieldProps {
  title: string;
  onSave: (title: string) => void;
  onCancel: () => void;
}

function TitleField({ title, onSave, onCancel }: TitleFieldProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(title);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") onSave(typed.trim());
    if (event.key === "Escape") onCancel();
  };
  return (
    <Input
      autoFocus
      aria-label={t("narrate.timeline.title")}
      maxLength={TITLE_MAX}
      value={typed}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => onSave(typed.trim())}
      className="h-8 px-1.5 font-serif text-lg font-semibold"
    />
  );
}
