import { Download, FileAudio, RotateCw, VolumeX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "@/api/history";
import { ClipBar, PlayButton } from "@/sound/clip-bar";
import { useClip } from "@/sound/clip-player";
import { dataSize } from "@/strings/size";
import { lengthOf } from "@/strings/time";
import { Ago } from "@/ui/ago";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/icon-button";
import { Tip } from "@/ui/tip";
import { speakAgain } from "./entry-actions";
import { entryFocusId } from "./deletions";
import { EntryMenu } from "./entry-menu";
import { audioName, clipOf, outlineSourceOf } from "./entry-sound";
import { makersOf, previewOf, titleOf } from "./entry-words";

interface EntryRowProps {
  entry: HistoryEntry;
  origin: "speak" | "history";
  onOpen: (entry: HistoryEntry) => void;
}

/** One entry: what it says, how it came to be, and its sound. */
export function EntryRow({ entry, origin, onOpen }: EntryRowProps) {
  const open = () => onOpen(entry);
  return (
    <article className="flex flex-col gap-3 rounded-xl border bg-card p-3 shadow-xs">
      <div className="flex items-start gap-3">
        <Sound entry={entry} />
        <div className="min-w-0 grow">
          <button
            type="button"
            id={entryFocusId(entry.id)}
            dir="auto"
            onClick={open}
            className="line-clamp-2 w-full rounded-sm text-left font-serif leading-snug wrap-anywhere hover:underline"
          >
            {previewOf(entry)}
          </button>
          {entry.input_filename !== null && (
            <p className="truncate text-sm text-muted-foreground">{entry.input_filename}</p>
          )}
          <Facts entry={entry} />
        </div>
        <div className="flex shrink-0 items-center">
          <QuickActions entry={entry} origin={origin} />
          <EntryMenu entry={entry} origin={origin} onOpen={open} />
        </div>
      </div>
      <Bar entry={entry} />
    </article>
  );
}

/** What is heard of it, or why nothing is. */
function Sound({ entry }: { entry: HistoryEntry }) {
  const { t } = useTranslation();
  const clip = clipOf(entry);
  if (clip) return <PlayButton clip={clip} name={titleOf(entry)} />;
  const reason = entry.type === "stt" ? "transcript" : entry.has_audio ? "notPlayable" : "noAudio";
  return (
    <Tip text={t(`history.sound.${reason}`)}>
      <span
        role="img"
        aria-label={t(`history.sound.${reason}`)}
        className="grid size-9 shrink-0 place-items-center rounded-full bg-muted text-muted-foreground"
      >
        {entry.type === "stt" ? <FileAudio className="size-4" /> : <VolumeX className="size-4" />}
      </span>
    </Tip>
  );
}

/** What is done most, where there is room; the menu has it, too. */
function QuickActions({ entry, origin }: Omit<EntryRowProps, "onOpen">) {
  const { t } = useTranslation();
  const title = titleOf(entry);
  return (
    <div className="hidden text-muted-foreground sm:flex">
      {entry.audio_url !== null && (
        <IconButton size="small-icon" label={t("history.downloadThis", { title })} asChild>
          <a href={`${entry.audio_url}?download=1`} download={audioName(entry)}>
            <Download />
          </a>
        </IconButton>
      )}
      {entry.type === "tts" && (
        <IconButton
          size="small-icon"
          label={t("history.regenerateThis", { title })}
          onClick={() => void speakAgain(entry, origin)}
        >
          <RotateCw />
        </IconButton>
      )}
    </div>
  );
}

function Facts({ entry }: { entry: HistoryEntry }) {
  const { t } = useTranslation();
  const { type, duration_s: seconds, output_bytes: bytes } = entry;
  const facts = [
    makersOf(entry),
    seconds > 0 && lengthOf(seconds),
    entry.has_audio && bytes !== null && dataSize(bytes),
  ].filter((fact) => fact !== false && fact !== "");
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted-foreground">
      <Badge>{t(`history.type.${type}`)}</Badge>
      {facts.map((fact, place) => (
        <span key={place} className="wrap-anywhere tabular-nums">
          {`${fact}\u00a0·`}
        </span>
      ))}
      <span className="whitespace-nowrap">
        <Ago at={entry.created_at} />
      </span>
    </p>
  );
}

/** The outline of the one that is heard; of all others it is not worth its fetching. */
function Bar({ entry }: { entry: HistoryEntry }) {
  const clip = clipOf(entry);
  const isCurrent = useClip(({ clipId }) => clipId === entry.id);
  if (!clip || !isCurrent) return null;
  return (
    <div className="sm:pl-12">
      <ClipBar clip={clip} outline={outlineSourceOf(clip)} isButtonless />
    </div>
  );
}
