import { RotateCcw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge, type Tone } from "@/ui/badge";
import { classes } from "@/ui/classes";
import { IconButton } from "@/ui/icon-button";
import { Progress } from "@/ui/progress";
import { actOn, CHOOSE_ID, recordingButtonId } from "./recording-focus";
import { removeRecordings } from "./remove-recordings";
import {
  cancelTranscription,
  canRetry,
  isOpen,
  isUnderWay,
  retryTranscription,
  shareOf,
  showTranscription,
  type Transcription,
  type TranscriptionState,
  useTranscriptions,
} from "./transcriptions";
import { Button } from "@/ui/button";

const TONES: Record<TranscriptionState, Tone> = {
  waiting: "plain",
  sending: "busy",
  hearing: "busy",
  done: "good",
  failed: "bad",
  cancelled: "plain",
};

/** All recordings that were given, with what became of each. */
export function RecordingList() {
  const { t } = useTranslation();
  const list = useTranscriptions((now) => now.list);
  const shownId = useTranscriptions((now) => now.shownId);
  const clear = () => {
    removeRecordings(list.map(({ id }) => id));
    document.getElementById(CHOOSE_ID)?.focus();
  };
  if (list.length === 0) return null;

  return (
    <section aria-label={t("transcribe.list")} className="flex flex-col gap-2">
      <ol className="flex flex-col gap-1.5">
        {list.map((one) => (
          <RecordingRow key={one.id} transcription={one} isShown={one.id === shownId} />
        ))}
      </ol>
      {list.length > 1 && !list.some(isOpen) && (
        <Button look="quiet" size="small" className="self-end" onClick={clear}>
          {t("transcribe.clear")}
        </Button>
      )}
    </section>
  );
}

function RecordingRow({ transcription, isShown }: { transcription: Transcription; isShown: boolean }) {
  const { t } = useTranslation();
  const { id, name, state } = transcription;
  const share = shareOf(transcription);
  const words = t(`transcribe.state.${state}`);

  return (
    <li
      className={classes(
        "relative flex flex-col gap-1.5 rounded-lg border bg-card px-3 py-2",
        isShown && "border-primary",
      )}
    >
      <div className="flex items-center gap-2">
        <button
          id={recordingButtonId(id)}
          aria-current={isShown}
          className="min-w-0 grow truncate text-left text-sm font-medium outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-ring"
          title={name}
          onClick={() => showTranscription(id)}
        >
          {name}
        </button>
        <Badge tone={TONES[state]}>{words}</Badge>
        <RowAction transcription={transcription} />
      </div>
      {isUnderWay(transcription) && share !== null && (
        <Progress value={share} max={1} label={`${name}: ${words}`} />
      )}
    </li>
  );
}

function RowAction({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const { id, name } = transcription;
  return (
    <span className="relative -mr-1.5 flex">
      {canRetry(transcription) && (
        <IconButton
          size="small-icon"
          label={t("transcribe.retry", { name })}
          onClick={() => actOn(id, retryTranscription)}
        >
          <RotateCcw />
        </IconButton>
      )}
      <IconButton
        size="small-icon"
        label={t(isOpen(transcription) ? "transcribe.cancel" : "transcribe.remove", { name })}
        onClick={() =>
          actOn(id, isOpen(transcription) ? cancelTranscription : (gone) => removeRecordings([gone]))
        }
      >
        <X />
      </IconButton>
    </span>
  );
}
