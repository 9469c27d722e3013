import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { usePageTitle } from "@/shell/page-title";
import { DropTarget } from "@/ui/drop-target";
import { useFileDrop } from "@/ui/use-file-drop";
import { ModelNeeded } from "./model-needed";
import { RecordingList } from "./recording-list";
import { stopRecording } from "./recorder";
import { Sources } from "./sources";
import { Transcript } from "./transcript";
import { addRecordings, isOpen, useTranscriptions } from "./transcriptions";
import { useLeaveWarning } from "./use-leave-warning";

/** Recordings in, text out. */
export function Transcribe() {
  const { t } = useTranslation();
  const shown = useTranscriptions(({ list, shownId }) => list.find(({ id }) => id === shownId));
  const isEmpty = useTranscriptions(({ list }) => list.length === 0);
  const isOver = useFileDrop(addRecordings, true);

  usePageTitle(t("transcribe.tab"));
  useLeaveWarning();
  useEffect(() => stopRecording, []); // nobody is listened to whom the page does not show
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 px-4 py-6 sm:px-6">
      <header className="flex flex-col gap-1">
        <h1 className="text-2xl font-semibold">{t("transcribe.tab")}</h1>
        <p className="max-w-prose text-sm text-muted-foreground">{t("transcribe.about")}</p>
      </header>
      <ModelNeeded />
      <div
        className={
          isEmpty
            ? "w-full max-w-2xl self-center sm:py-10"
            : "grid items-start gap-6 lg:grid-cols-[22rem_1fr]"
        }
      >
        <div className="flex min-w-0 flex-col gap-4">
          <Sources isLarge={isEmpty} />
          <RecordingList />
        </div>
        {shown && <Transcript key={shown.id} transcription={shown} />}
      </div>
      <Announcer />
      {isOver && <DropTarget title={t("transcribe.drop")} about={t("transcribe.formats")} />}
    </div>
  );
}

/** Says what becomes of the recording that is shown; its progress would be too much. */
function Announcer() {
  const { t } = useTranslation();
  const shown = useTranscriptions(({ list, shownId }) => list.find(({ id }) => id === shownId));
  const waiting = useTranscriptions(({ list }) => list.filter(isOpen).length);
  return (
    <p role="status" className="sr-only">
      {shown && `${shown.name}: ${t(`transcribe.state.${shown.state}`)}. `}
      {waiting > 0 && t("transcribe.open", { count: waiting })}
    </p>
  );
}
