import { Captions } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { HistoryDetail } from "@/api/history";
import { Button } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { hasSubtitles, SUBTITLE_FORMATS, subtitlesName, subtitlesUrl } from "./subtitles";

/** Nothing for a speech whose words have no times. */
export function SubtitleMenu({ entry }: { entry: HistoryDetail }) {
  const { t } = useTranslation();
  if (!hasSubtitles(entry)) return null;
  return (
    <Menu
      trigger={
        <Button look="outline" size="small">
          <Captions aria-hidden />
          {t("history.subtitles.open")}
        </Button>
      }
    >
      {SUBTITLE_FORMATS.map((format) => (
        <MenuItem key={format} asChild>
          <a href={subtitlesUrl(entry.id, format)} download={subtitlesName(entry, format)}>
            {t(`history.subtitles.${format}`)}
          </a>
        </MenuItem>
      ))}
    </Menu>
  );
}
