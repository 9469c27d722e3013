import { Copy, Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { downloadTranscript, textOf, TRANSCRIPT_FORMATS, type TranscriptFormat } from "./transcript-file";
import type { Transcription } from "./transcriptions";

const FORMATS = Object.keys(TRANSCRIPT_FORMATS) as TranscriptFormat[];

/** Subtitles and their times need segments. */
const isTimed = (format: TranscriptFormat) => format === "srt" || format === "vtt";

export function TranscriptActions({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const formats = FORMATS.filter((format) => transcription.segments.length > 0 || !isTimed(format));
  const copy = async () => {
    if (await copyText(textOf(transcription))) toast.done(t("transcribe.copied"));
  };

  return (
    <div className="flex gap-2">
      <Button look="outline" size="small" onClick={() => void copy()}>
        <Copy aria-hidden />
        {t("transcribe.copy")}
      </Button>
      <Menu
        trigger={
          <Button look="outline" size="small">
            <Download aria-hidden />
            {t("transcribe.download")}
          </Button>
        }
      >
        {formats.map((format) => (
          <MenuItem key={format} onSelect={() => downloadTranscript(transcription, format)}>
            {t(`transcribe.format.${format}`)}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
