import { EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { Button } from "@/ui/button";
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
        <Button
          look="quiet"
          size="small-icon"
          aria-label={t("narrate.dashboard.menu", { title: project.title })}
        >
          <EllipsisVertical />
        </Button>
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
