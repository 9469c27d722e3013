/** An entry with all it has: its sound, its text as it is heard, the times of what was said. */
import { Copy, Download, FileX, MessageSquareText, RotateCw, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, wordsOf } from "@/api/client";
import { type HistoryDetail, useHistoryEntry } from "@/api/history";
import { ReadAlong } from "@/speak/read-along";
import { ClipBar } from "@/sound/clip-bar";
import { dataSize } from "@/strings/size";
import { clock, lengthOf, moment } from "@/strings/time";
import { TranscriptActions } from "@/transcribe/transcript-actions";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SkeletonList } from "@/ui/skeleton";
import { copyEntry, speakAgain, useOpenInSpeak } from "./entry-actions";
import { audioName, clipOf, outlineSourceOf } from "./entry-sound";
import { titleOf } from "./entry-words";
import { SubtitleMenu } from "./subtitle-menu";
import { transcriptionOf } from "./entry-transcript";

interface EntryDialogProps {
  /** Null: closed. */
  id: string | null;
  onClose: () => void;
}

export function EntryDialog({ id, onClose }: EntryDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog isOpen={id !== null} onOpenChange={onClose} isWide title={t("history.entry")}>
      {id !== null && <Content id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Content({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error } = useHistoryEntry(id);
  if (data) return <Entry entry={data} onClose={onClose} />;
  return error ? <Missing error={error} /> : <SkeletonList count={2} />;
}

function Missing({ error }: { error: Error }) {
  const { t } = useTranslation();
  const isGone = error instanceof ApiError && error.status === 404;
  const Icon = isGone ? FileX : TriangleAlert;
  return (
    <p role="alert" className="flex items-center gap-2 text-sm">
      <Icon aria-hidden className="size-4 shrink-0" />
      {isGone ? t("history.gone") : wordsOf(error)}
    </p>
  );
}

interface EntryProps {
  entry: HistoryDetail;
  onClose: () => void;
}

function Entry({ entry, onClose }: EntryProps) {
  const clip = useMemo(() => clipOf(entry), [entry]);
  const outline = useMemo(() => clip && outlineSourceOf(clip), [clip]);
  return (
    <>
      <Facts entry={entry} />
      {clip && <ClipBar clip={clip} outline={outline} />}
      {entry.type === "stt" && entry.segments.length > 0 ? (
        <Segments entry={entry} />
      ) : (
        <ReadAlong
          clip={clip ?? { id: entry.id, url: "", duration: null }}
          label={titleOf(entry)}
          text={entry.full_text}
          words={clip ? entry.words : NO_WORDS}
          className={TEXT}
        />
      )}
      <Actions entry={entry} onClose={onClose} />
    </>
  );
}

const NO_WORDS: HistoryDetail["words"] = [];

const TEXT = "max-h-[50dvh] min-h-24 overflow-y-auto rounded-lg border bg-background p-4";

function Facts({ entry }: { entry: HistoryDetail }) {
  const { t } = useTranslation();
  const { speed, language, duration_s: seconds, output_bytes: bytes, format } = entry;
  const facts: [string, string | null][] = [
    [t("history.fact.created"), moment(entry.created_at)],
    [t("history.fact.file"), entry.input_filename],
    [t("history.fact.voice"), entry.voice],
    [t("history.fact.engine"), [...new Set([entry.engine, entry.model])].filter(Boolean).join(" · ") || null],
    [t("history.fact.speed"), speed === null || speed === 1 ? null : `${speed}×`],
    [t("history.fact.language"), language],
    [t("history.fact.duration"), seconds > 0 ? lengthOf(seconds) : null],
    [
      t("history.fact.audio"),
      format && bytes !== null ? `${format.toUpperCase()}, ${dataSize(bytes)}` : null,
    ],
  ];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name} className="flex min-w-0 flex-col">
              <dt className="text-xs text-muted-foreground">{name}</dt>
              <dd className="text-sm font-medium wrap-anywhere">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Segments({ entry }: { entry: HistoryDetail }) {
  return (
    <div role="region" tabIndex={0} aria-label={titleOf(entry)} className={TEXT}>
      <ol className="flex flex-col gap-2">
        {entry.segments.map(({ start, text }, place) => (
          <li key={place} className="grid grid-cols-[3.25rem_1fr] gap-x-2">
            <span className="pt-1 text-right text-xs text-muted-foreground tabular-nums">{clock(start)}</span>
            <p dir="auto" className="font-serif leading-relaxed wrap-anywhere">
              {text}
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Actions({ entry, onClose }: EntryProps) {
  const { t } = useTranslation();
  const openInSpeak = useOpenInSpeak();
  const isSpeech = entry.type === "tts";
  const again = () => {
    onClose();
    void speakAgain(entry, "history");
  };
  return (
    <footer className="flex flex-wrap gap-2">
      {!isSpeech && <TranscriptActions transcription={transcriptionOf(entry)} />}
      {isSpeech && (
        <Button look="outline" size="small" onClick={() => void copyEntry(entry)}>
          <Copy aria-hidden />
          {t("history.copy")}
        </Button>
      )}
      {entry.audio_url !== null && (
        <Button look="outline" size="small" asChild>
          <a href={`${entry.audio_url}?download=1`} download={audioName(entry)}>
            <Download aria-hidden />
            {t("history.download")}
          </a>
        </Button>
      )}
      {isSpeech && <SubtitleMenu entry={entry} />}
      {isSpeech && (
        <Button look="outline" size="small" onClick={again}>
          <RotateCw aria-hidden />
          {t("history.regenerate")}
        </Button>
      )}
      <Button look="outline" size="small" onClick={() => void openInSpeak(entry)}>
        <MessageSquareText aria-hidden />
        {t("history.openInSpeak")}
      </Button>
    </footer>
  );
}
