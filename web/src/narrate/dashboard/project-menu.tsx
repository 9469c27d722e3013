import { EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";

export type ProjectAction = "rename" | "delete";

interface ProjectMenuProps {
  project: Project;
  onAction: (action: ProjectAction, project: Project) => void;
}

export function ProjectMenu({ project, onAction }: ProjectMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu
      trigger={
        <IconButton label={t("narrate.dashboard.menu", { title: project.title })} size="small-icon">
          <EllipsisVertical />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => onAction("rename", project)}>
        <Pencil />
        {t("narrate.dashboard.rename")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem isDangerous onSelect={() => onAction("delete", project)}>
        <Trash2 />
        {t("narrate.dashboard.delete")}
      </MenuItem>
    </Menu>
  );
}
