import { useMutation } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { type Segment, wordsOf } from "@/api/client";
import { useStudio } from "@/api/events";
import { useGenerateSegment } from "@/api/tasks";
import { useTypedText } from "@/narrate/timeline/drafts";
import { settleSegment } from "./settle-edits";

interface Speak {
  speak: () => void;
  isStarting: boolean;
  /** Why it cannot be spoken as it is; undefined when it can. */
  obstacle: string | undefined;
  /** Why the last try was not taken. */
  refusal: string | undefined;
}

/** Speaking one segment, for the first time or again. */
export function useSpeak(segment: Segment): Speak {
  const { t } = useTranslation();
  const isBlank = useTypedText(segment) === "blank";
  const { mutateAsync: generate } = useGenerateSegment(segment.project);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: async () => {
      await settleSegment(segment);
      await generate(segment.id);
    },
  });
  const forgetRefusal = useEffectEvent(() => {
    if (error) reset();
  });
  useEffect(
    () =>
      useStudio.subscribe(({ connection }, before) => {
        if (connection === "open" && before.connection !== "open") forgetRefusal();
      }),
    [],
  );
  const obstacle = segment.is_locked
    ? t("narrate.audio.locked")
    : isBlank
      ? t("narrate.audio.noText")
      : undefined;
  return {
    speak: () => {
      if (obstacle === undefined && !isPending) mutate();
    },
    isStarting: isPending,
    obstacle,
    refusal: error ? wordsOf(error) : undefined,
  };
}
