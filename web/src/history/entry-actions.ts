/** What can be done with an entry. Most of it takes the whole text, which lists do not have. */
import { useNavigate } from "react-router";
import { type HistoryDetail, type HistoryEntry, historyEntryQuery } from "@/api/history";
import { requestAgain } from "@/api/speech";
import { queryClient } from "@/query-client";
import { useDraft } from "@/speak/draft";
import { speaker } from "@/speak/speaking";
import { isFormat, USUAL_WAY } from "@/speak/way";
import { downloadFrom } from "@/sound/download";
import { t } from "@/strings/strings";
import { copyText } from "@/ui/copy";
import { toast } from "@/ui/toast";
import { hasSubtitles, type SubtitleFormat, subtitlesName, subtitlesUrl } from "./subtitles";

async function withWhole(entry: HistoryEntry, act: (whole: HistoryDetail) => unknown): Promise<void> {
  try {
    await act(await queryClient.query(historyEntryQuery(entry.id)));
  } catch (error) {
    toast.failed(t("history.notRead"), error);
  }
}

export function copyEntry(entry: HistoryEntry): Promise<void> {
  return withWhole(entry, async ({ full_text: text }) => {
    if (await copyText(text)) toast.done(t("history.copied"));
  });
}

/** What lists do not tell is whether it has words whose times are known. */
export function saveSubtitles(entry: HistoryEntry, format: SubtitleFormat): Promise<void> {
  return withWhole(entry, (whole) => {
    if (hasSubtitles(whole)) downloadFrom(subtitlesUrl(entry.id, format), subtitlesName(entry, format));
    else toast.say(t("history.subtitles.none"));
  });
}

/** As it was spoken then, into a new entry. */
export function speakAgain(entry: HistoryEntry, origin: "speak" | "history"): Promise<void> {
  return withWhole(entry, ({ full_text: text }) => {
    const ask = (signal: AbortSignal) => requestAgain(entry.id, signal);
    void speaker.speak({
      text,
      format: entry.format ?? "",
      speed: entry.speed ?? 1,
      origin,
      ask,
    });
  });
}

/** Its text, and the way it was spoken, as the draft of the Speak tab. */
export function useOpenInSpeak(): (entry: HistoryEntry) => Promise<void> {
  const navigate = useNavigate();
  return (entry) =>
    withWhole(entry, ({ full_text: text, type, engine, model, voice, speed, format, language }) => {
      const way = {
        engine: engine ?? USUAL_WAY.engine,
        model: model ?? "",
        voice: voice ?? "",
        speed: speed ?? 1,
        format: isFormat(format) ? format : USUAL_WAY.format,
        language: language ?? "",
        profileId: "",
      };
      useDraft.setState(type === "tts" ? { text, ...way } : { text });
      void navigate("/speak");
    });
}
