import { Speech, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import { requestSpeech } from "@/api/speech";
import { useShortcut } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Tip } from "@/ui/tip";
import { lengthInCharacters, speechOf, useDraft } from "./draft";
import { isUnderWay, speaker, useSpeaking } from "./speaking";
import { useTextLimit } from "./text-area";

/** Speaks what stands in the draft now. */
function speakDraft(): void {
  const draft = useDraft.getState();
  const { text, format, speed } = draft;
  const ask = (signal: AbortSignal) => requestSpeech(speechOf(draft), signal);
  void speaker.speak({ text, format, speed, ask, origin: "speak" });
}

/** Why nothing can be spoken; undefined when it can. */
function useObstacle(): string | undefined {
  const { t } = useTranslation();
  const limit = useTextLimit();
  return useDraft(({ text }) => {
    if (text.trim() === "") return t("speak.noText");
    if (limit !== undefined && lengthInCharacters(text) > limit) return t("speak.shorten");
    return undefined;
  });
}

/** Speaks; while something is spoken, what is needed is the way to stop it. */
export function useSpeakDraft() {
  const isBusy = useSpeaking(isUnderWay);
  const obstacle = useObstacle();
  const speak = () => {
    if (!isBusy && obstacle === undefined) speakDraft();
  };
  return { speak, isBusy, obstacle };
}

/** It stays the same button, so that it keeps the focus. */
export function SpeakButton() {
  const { t } = useTranslation();
  const { speak, isBusy, obstacle } = useSpeakDraft();
  useShortcut("mod+enter", speak, { group: t("speak.tab"), label: t("speak.speak") });

  const isIdle = obstacle !== undefined && !isBusy;
  const button = (
    <Button
      className="min-w-28"
      look={isBusy ? "outline" : "primary"}
      aria-disabled={isIdle}
      aria-keyshortcuts="Control+Enter"
      onClick={isBusy ? () => speaker.stop() : speak}
    >
      {isBusy ? <Square aria-hidden /> : <Speech aria-hidden />}
      {t(isBusy ? "speak.stop" : "speak.speak")}
    </Button>
  );
  return isIdle ? <Tip text={obstacle}>{button}</Tip> : button;
}
