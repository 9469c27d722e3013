/** The speech under way or the last one: how it is getting on, and then what there is to hear of it. */
import { Download, RotateCw, X } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useHistoryEntry } from "@/api/history";
import { SubtitleMenu } from "@/history/subtitle-menu";
import type { TimedWord } from "@/api/transcriptions";
import { ClipBar } from "@/sound/clip-bar";
import type { Clip } from "@/sound/clip-player";
import { download } from "@/sound/download";
import { dataSize } from "@/strings/size";
import { tenths } from "@/strings/time";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import { Problem } from "@/ui/problem";
import { Spinner } from "@/ui/spinner";
import { inARow } from "./facts";
import { ReadAlong } from "./read-along";
import { speaker, type Spoken, useSpeaking } from "./speaking";
import { speechName } from "./speech-name";

const NO_WORDS: readonly TimedWord[] = [];

interface ResultProps {
  /** Takes it off the page, where that is of use. */
  onClose?: () => void;
}

export function Result({ onClose }: ResultProps) {
  const { t } = useTranslation();
  const status = useSpeaking((now) => now.status);
  const spoken = useSpeaking((now) => now.spoken);
  if (status === "idle") return null;
  return (
    <section
      aria-label={t("speak.result")}
      className="relative flex flex-col gap-4 rounded-xl border bg-card p-4 shadow-xs sm:p-5"
    >
      <Status />
      {status === "failed" && <Failure />}
      {spoken && <Heard spoken={spoken} />}
      {onClose && status !== "asking" && status !== "arriving" && (
        <IconButton
          size="small-icon"
          label={t("ui.close")}
          className="absolute top-2 right-2"
          onClick={onClose}
        >
          <X />
        </IconButton>
      )}
    </section>
  );
}

/** What is going on, read out when it changes. */
function Status() {
  const { t } = useTranslation();
  const status = useSpeaking((now) => now.status);
  return (
    <p role="status" className="flex min-h-5 items-center gap-2 pr-8 text-sm font-medium">
      {(status === "asking" || status === "arriving") && <Spinner />}
      {status !== "idle" && status !== "failed" && t(`speak.status.${status}`)}
    </p>
  );
}

function Failure() {
  const { t } = useTranslation();
  const error = useSpeaking((now) => now.error) ?? "";
  const errorStatus = useSpeaking((now) => now.errorStatus);
  const isForModels = errorStatus === 503;
  return (
    <Problem title={t("speak.failed")} reason={error}>
      <div className="flex flex-wrap gap-2">
        <Button look="outline" size="small" onClick={() => speaker.again()}>
          <RotateCw aria-hidden />
          {t("speak.tryAgain")}
        </Button>
        {isForModels && (
          <Button look="outline" size="small" asChild>
            <Link to="/models">{t("speak.toModels")}</Link>
          </Button>
        )}
      </div>
    </Problem>
  );
}

function Heard({ spoken }: { spoken: Spoken }) {
  const { t } = useTranslation();
  const { data: entry } = useHistoryEntry(spoken.historyId);
  const { id, url, playable } = spoken;
  const duration = entry?.duration_s ?? null;
  const clip = useMemo((): Clip => ({ id, url: url ?? "", duration }), [id, url, duration]);
  const outline = playable && { key: id, seconds: duration, load: () => Promise.resolve(playable) };
  return (
    <>
      {(spoken.isStreamed || url !== null) && <ClipBar clip={clip} outline={outline} />}
      <ReadAlong
        clip={clip}
        label={t("speak.spokenText")}
        text={spoken.text}
        words={entry?.words ?? NO_WORDS}
        className="max-h-72"
      />
      <footer className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Facts spoken={spoken} seconds={duration} />
        <div className="flex flex-wrap gap-2">
          <DownloadButton spoken={spoken} />
          {entry && <SubtitleMenu entry={entry} />}
        </div>
      </footer>
    </>
  );
}

function Facts({ spoken, seconds }: { spoken: Spoken; seconds: number | null }) {
  const { t } = useTranslation();
  const isDone = useSpeaking(({ status }) => status === "done");
  const { voice, engine, model, speed, firstMs, tookMs, bytes, historyId } = spoken;
  const facts = [
    t("speak.spokenBy", { voice, engine: model === "" || model === engine ? engine : model }),
    tookMs === null
      ? t("speak.firstAfter", { time: tenths(firstMs / 1000) })
      : t("speak.took", { first: tenths(firstMs / 1000), all: tenths(tookMs / 1000) }),
    speed !== 1 && t("speak.atSpeed", { speed }),
    seconds !== null && t("speak.lasts", { time: tenths(seconds) }),
    dataSize(bytes),
    isDone && historyId === null && t("speak.notKept"),
  ];
  return (
    <p className="min-w-0 flex-1 basis-64 text-xs text-muted-foreground">
      {inARow(facts.filter((fact) => fact !== false))}
    </p>
  );
}

function DownloadButton({ spoken: { file, text, voice, format } }: { spoken: Spoken }) {
  const { t } = useTranslation();
  if (!file) return null;
  return (
    <Button look="outline" size="small" onClick={() => download(file, speechName(text, voice, format))}>
      <Download aria-hidden />
      {t("speak.download", { format: format.toUpperCase() })}
    </Button>
  );
}
