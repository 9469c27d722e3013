import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useGenerateSegment } from "@/api/tasks";
import type { Segment } from "@/api/client";

interface Speak {
  speak: () => void;
  isStarting: boolean;
  /** Why it cannot be spoken as it is; undefined when it can. */
  obstacle: string | undefined;
  /** Why the server did not take it. */
  refusal: string | undefined;
}

/** Speaking one segment, for the first time or again. */
export function useSpeak(segment: Segment): Speak {
  const { t } = useTranslation();
  const { mutate, isPending, error } = useGenerateSegment(segment.project);
  const obstacle = segment.is_locked
    ? t("narrate.audio.locked")
    : segment.text_content.trim() === ""
      ? t("narrate.audio.noText")
      : undefined;
  return {
    speak: () => {
      if (obstacle === undefined && !isPending) mutate(segment.id);
    },
    isStarting: isPending,
    obstacle,
    refusal: error ? (error instanceof ApiError ? error.message : t("error.unexpected")) : undefined,
  };
}
