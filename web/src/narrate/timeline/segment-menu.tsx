import {
  ArrowDownToLine,
  ArrowUpToLine,
  Copy,
  Download,
  EllipsisVertical,
  ListOrdered,
  Lock,
  LockOpen,
  Trash2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { useProject } from "@/api/projects";
import { audioUrl } from "@/api/segments";
import { copyText } from "@/ui/copy";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { useActions } from "./actions";
import { announce } from "./announcer";
import { shownValue, useDrafts } from "./drafts";
import { askWhereTo } from "./move-dialog";
import { recordingName } from "./recording-name";

interface SegmentMenuProps {
  segment: Segment;
  number: number;
}

export function SegmentMenu({ segment, number }: SegmentMenuProps) {
  const { t } = useTranslation();
  const { insertAfter, insertBefore, remove, setLocked } = useActions();
  const { id, is_locked: isLocked } = segment;
  const copy = async () => {
    const draft = useDrafts.getState().drafts[`${id}/text_content`];
    if (await copyText(shownValue(segment, "text_content", draft))) announce(t("narrate.segment.copied"));
  };

  return (
    <Menu
      trigger={
        <IconButton
          size="small-icon"
          className="text-muted-foreground"
          label={t("narrate.segment.menu", { number })}
        >
          <EllipsisVertical />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => void insertBefore(id)}>
        <ArrowUpToLine />
        {t("narrate.segment.insertAbove")}
      </MenuItem>
      <MenuItem onSelect={() => void insertAfter(id)}>
        <ArrowDownToLine />
        {t("narrate.segment.insertBelow")}
      </MenuItem>
      <MenuItem onSelect={() => askWhereTo(id)}>
        <ListOrdered />
        {t("narrate.move.toPosition")}
      </MenuItem>
      <MenuItem onSelect={() => void copy()}>
        <Copy />
        {t("narrate.segment.copyText")}
      </MenuItem>
      <DownloadItem segment={segment} number={number} />
      <MenuItem onSelect={() => void setLocked(segment, !isLocked)}>
        {isLocked ? <LockOpen /> : <Lock />}
        {t(isLocked ? "narrate.lock.unlock" : "narrate.lock.lock")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem isDangerous onSelect={() => remove(segment)}>
        <Trash2 />
        {t("narrate.segment.delete")}
      </MenuItem>
    </Menu>
  );
}

/** Only of a segment that has a recording. */
function DownloadItem({ segment, number }: SegmentMenuProps) {
  const { t } = useTranslation();
  const { data: project } = useProject(segment.project);
  const url = audioUrl(segment);
  if (url === null || !project) return null;
  return (
    <MenuItem asChild>
      <a href={url} download={recordingName(project.title, number, project.segments.length)}>
        <Download />
        {t("narrate.segment.download")}
      </a>
    </MenuItem>
  );
}
