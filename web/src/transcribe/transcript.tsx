import { useTranslation } from "react-i18next";
import { clock, lengthOf } from "@/strings/time";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/problem";
import { Progress } from "@/ui/progress";
import { Spinner } from "@/ui/spinner";
import { languageName } from "@/voice/voice-names";
import { FilePlayer } from "./file-player";
import { usePlayback } from "./playback";
import { actOn } from "./recording-focus";
import { Segments } from "./segments";
import { wordCount } from "./spoken-text";
import { TranscriptActions } from "./transcript-actions";
import { textOf } from "./transcript-file";
import {
  cancelTranscription,
  canRetry,
  heardSeconds,
  isUnderWay,
  recordingOf,
  retryTranscription,
  shareOf,
  type Transcription,
  useTranscriptions,
} from "./transcriptions";

/** One recording: how far it is, the recording itself, and what is heard in it. */
export function Transcript({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const { id, name, segments, state, end } = transcription;
  const recording = recordingOf(id);
  const canPlay = usePlayback(({ hasFailed }) => recording !== undefined && !hasFailed);
  const text = textOf(transcription);

  return (
    <article aria-labelledby="transcript-name" className="flex min-w-0 flex-col gap-4">
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 id="transcript-name" className="text-lg font-semibold wrap-anywhere">
            {name}
          </h2>
          {end && <Facts transcription={transcription} />}
        </div>
        <TranscriptActions transcription={transcription} />
      </header>
      <UnderWay transcription={transcription} />
      <Failure transcription={transcription} />
      {recording ? (
        <div className="sticky top-0 z-10 -mx-1 border-b bg-background px-1 py-3">
          <FilePlayer
            url={recording.url}
            isVideo={recording.file.type.startsWith("video/")}
            duration={end?.duration ?? null}
            failed={t(canRetry(transcription) ? "transcribe.player.unknown" : "transcribe.player.failed")}
          />
        </div>
      ) : (
        <p className="text-sm text-muted-foreground">{t("transcribe.noRecording")}</p>
      )}
      {segments.length > 0 ? (
        <Segments segments={segments} isPlayable={canPlay} />
      ) : (
        text !== "" && <p className="max-w-prose font-serif leading-relaxed wrap-anywhere">{text}</p>
      )}
      {state === "done" && text === "" && (
        <p className="text-sm text-muted-foreground">{t("transcribe.silence")}</p>
      )}
    </article>
  );
}

/** "english" of one client's dialect, "en" of another's. */
const languageOf = (told: string) =>
  told.length > 3 && !told.includes("-") ? told.charAt(0).toUpperCase() + told.slice(1) : languageName(told);

function Facts({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const { end, segments } = transcription;
  const facts = [
    end?.language && languageOf(end.language),
    end?.model,
    end?.duration && lengthOf(end.duration),
    t("transcribe.words", { count: wordCount(textOf(transcription)) }),
    segments.length > 0 && end?.areWordsMeasured === false && t("transcribe.estimated"),
  ].filter(Boolean);
  return <p className="text-sm text-muted-foreground">{facts.join(" · ")}</p>;
}

function UnderWay({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const { id, name, state } = transcription;
  const share = shareOf(transcription);
  const isHeld = useTranscriptions((now) => now.isHeld);
  if (state === "waiting")
    return (
      <p className="text-sm text-muted-foreground">
        {t(isHeld ? "transcribe.waitsForModel" : "transcribe.waits")}
      </p>
    );
  if (!isUnderWay(transcription)) return null;
  const words =
    state === "sending"
      ? t("transcribe.sending", { percentage: Math.floor((share ?? 0) * 100) })
      : t("transcribe.hearing", { time: clock(heardSeconds(transcription)) });
  return (
    <div className="flex items-center gap-3">
      <div className="flex min-w-0 grow flex-col gap-1">
        <p className="flex items-center gap-2 text-sm tabular-nums">
          <Spinner /> {words}
        </p>
        {share !== null && <Progress value={share} max={1} label={words} />}
      </div>
      <Button
        look="outline"
        aria-label={t("transcribe.cancel", { name })}
        onClick={() => actOn(id, cancelTranscription)}
      >
        {t("ui.cancel")}
      </Button>
    </div>
  );
}

function Failure({ transcription }: { transcription: Transcription }) {
  const { t } = useTranslation();
  const { id, state, error } = transcription;
  if (!canRetry(transcription)) return null;
  const again = (
    <Button look="outline" size="small" onClick={() => actOn(id, retryTranscription)}>
      {t("transcribe.tryAgain")}
    </Button>
  );
  if (state === "cancelled")
    return (
      <p className="flex flex-wrap items-center gap-3 text-sm text-muted-foreground">
        {t("transcribe.wasCancelled")} {again}
      </p>
    );
  return (
    <Problem title={t("transcribe.failed")} reason={error ?? ""}>
      {again}
    </Problem>
  );
}
