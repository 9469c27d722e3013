import { AudioLines, FileAudio, Mic } from "lucide-react";
import { type ChangeEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { MicrophoneNotice } from "./microphone-notice";
import { startRecording, stopRecording, useRecorder } from "./recorder";
import { CHOOSE_ID } from "./recording-focus";
import { RecorderPanel } from "./recorder-panel";
import { addRecordings, addTake } from "./transcriptions";

const MEDIA_FILES = "audio/*,video/*,.m4a,.m4b,.mka,.mkv,.flac,.opus,.oga,.aiff,.caf";

/** Files to choose or drop, and the microphone. */
export function Sources({ isLarge }: { isLarge: boolean }) {
  const { t } = useTranslation();
  const state = useRecorder((now) => now.state);
  const isRecording = state === "recording" || state === "paused";
  const input = useRef<HTMLInputElement>(null);
  const recordButton = useFocusAfter(isRecording);
  const choose = () => input.current?.click();
  const record = () => void startRecording(addTake);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = ""; // so that the same file can be chosen again
    if (files.length > 0) addRecordings(files);
  };

  const group = t("transcribe.tab");
  useShortcut("o", choose, { group, label: t("transcribe.choose") });
  useShortcut("r", state === "idle" ? record : stopRecording, { group, label: t("transcribe.keyRecord") });
  return (
    <section
      aria-label={t("transcribe.sources")}
      className={classes(
        "flex flex-col gap-4 rounded-xl border-2 border-dashed border-input bg-card p-4",
        isLarge && "sm:py-12",
      )}
    >
      <input
        ref={input}
        type="file"
        multiple
        accept={MEDIA_FILES}
        aria-label={t("transcribe.file")}
        onChange={take}
        className="hidden"
      />
      {isRecording ? (
        <RecorderPanel />
      ) : (
        <>
          {isLarge && <AudioLines aria-hidden className="size-10 self-center text-muted-foreground" />}
          <div className="flex flex-wrap justify-center gap-2">
            <Button id={CHOOSE_ID} aria-keyshortcuts="o" className="max-sm:grow" onClick={choose}>
              <FileAudio aria-hidden />
              {t("transcribe.choose")}
            </Button>
            <Button
              ref={recordButton}
              look="outline"
              aria-keyshortcuts="r"
              className="max-sm:grow"
              aria-disabled={state === "asking"}
              onClick={record}
            >
              <Mic aria-hidden />
              {t(state === "asking" ? "transcribe.asking" : "transcribe.record")}
            </Button>
          </div>
          <p className="text-center text-sm text-muted-foreground">{t("transcribe.formats")}</p>
        </>
      )}
      <MicrophoneNotice />
    </section>
  );
}

/** For what comes back when something ends that had the focus. */
function useFocusAfter(isOn: boolean) {
  const target = useRef<HTMLButtonElement>(null);
  const wasOn = useRef(false);
  useEffect(() => {
    if (wasOn.current && !isOn && document.activeElement === document.body) target.current?.focus();
    wasOn.current = isOn;
  }, [isOn]);
  return target;
}
