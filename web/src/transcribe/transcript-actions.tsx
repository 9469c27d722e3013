import { Copy, Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { download } from "@/sound/download";
import { downloadTranscript, textOf, TRANSCRIPT_FORMATS, type TranscriptFormat } from "./transcript-file";
import { recordingOf, type Transcription } from "./transcriptions";

const FORMATS = Object.keys(TRANSCRIPT_FORMATS) as TranscriptFormat[];

/** ".webm", as browsers differ in what they record. */
const extensionOf = (name: string) => /\.[^.]*$/.exec(name)?.[0] ?? "";

/** Subtitles and their times need segments. */
const isTimed = (format: TranscriptFormat) => format === "srt" || format === "vtt";

/** What is heard, and what was recorded here: chosen files lie on this computer anyway. */
export function TranscriptActions({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const text = textOf(transcription);
  const recording = recordingOf(transcription.id);
  const take = recording?.isTake ? recording.file : undefined;
  const formats = FORMATS.filter(
    (format) => text !== "" && (transcription.segments.length > 0 || !isTimed(format)),
  );
  if (text === "" && !take) return null;
  const copy = async () => {
    if (await copyText(text)) toast.done(t("transcribe.copied"));
  };

  return (
    <div className="flex gap-2">
      {text !== "" && (
        <Button look="outline" size="small" onClick={() => void copy()}>
          <Copy aria-hidden />
          {t("transcribe.copy")}
        </Button>
      )}
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
        {take && formats.length > 0 && <MenuSeparator />}
        {take && (
          <MenuItem onSelect={() => download(take, take.name)}>
            {t("transcribe.take", { extension: extensionOf(take.name) })}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}
