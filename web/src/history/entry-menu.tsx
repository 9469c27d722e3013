import {
  Captions,
  Copy,
  Download,
  EllipsisVertical,
  FileText,
  MessageSquareText,
  RotateCw,
  Trash2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "@/api/history";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { deleteEntry } from "./deletions";
import { copyEntry, saveSubtitles, speakAgain, useOpenInSpeak } from "./entry-actions";
import { audioName } from "./entry-sound";
import { titleOf } from "./entry-words";
import { SUBTITLE_FORMATS } from "./subtitles";

interface EntryMenuProps {
  entry: HistoryEntry;
  /** The tab it stands in. */
  origin: "speak" | "history";
  onOpen: () => void;
}

export function EntryMenu({ entry, origin, onOpen }: EntryMenuProps) {
  const { t } = useTranslation();
  const openInSpeak = useOpenInSpeak();
  return (
    <Menu
      trigger={
        <IconButton
          size="small-icon"
          className="text-muted-foreground"
          label={t("history.menu", { title: titleOf(entry) })}
        >
          <EllipsisVertical />
        </IconButton>
      }
    >
      <MenuItem onSelect={onOpen}>
        <FileText />
        {t("history.open")}
      </MenuItem>
      {entry.audio_url !== null && (
        <MenuItem asChild>
          <a href={`${entry.audio_url}?download=1`} download={audioName(entry)}>
            <Download />
            {t("history.download")}
          </a>
        </MenuItem>
      )}
      {entry.type === "tts" &&
        SUBTITLE_FORMATS.map((format) => (
          <MenuItem key={format} onSelect={() => void saveSubtitles(entry, format)}>
            <Captions />
            {t(`history.subtitles.${format}`)}
          </MenuItem>
        ))}
      {entry.type === "tts" && (
        <MenuItem onSelect={() => void speakAgain(entry, origin)}>
          <RotateCw />
          {t("history.regenerate")}
        </MenuItem>
      )}
      <MenuItem onSelect={() => void copyEntry(entry)}>
        <Copy />
        {t("history.copy")}
      </MenuItem>
      <MenuItem onSelect={() => void openInSpeak(entry)}>
        <MessageSquareText />
        {t("history.openInSpeak")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem isDangerous onSelect={() => deleteEntry(entry)}>
        <Trash2 />
        {t("history.delete")}
      </MenuItem>
    </Menu>
  );
}
