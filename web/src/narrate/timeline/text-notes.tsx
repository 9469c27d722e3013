import { Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { listeningSeconds } from "@/narrate/dashboard/listening-time";
import { clock } from "@/strings/time";
import { shownValue, useDraft } from "./drafts";
import { SaveState } from "./save-state";

/** Below the text: how long it is, whether it is saved, why it cannot be changed. */
export function TextNotes({ id, segment }: { id: string; segment: Segment }) {
  const { t } = useTranslation();
  return (
    <div id={id} className="flex min-h-5 flex-wrap items-center justify-between gap-x-3 gap-y-1">
      {segment.is_locked ? (
        <span className="flex items-center gap-1 text-xs text-muted-foreground">
          <Lock aria-hidden className="size-3" />
          {t("narrate.lock.about")}
        </span>
      ) : (
        <TextLength segment={segment} />
      )}
      <SaveState segmentId={segment.id} field="text_content" />
    </div>
  );
}

function TextLength({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { length } = shownValue(segment, "text_content", useDraft(segment.id, "text_content")).trim();
  if (length === 0) return <span />;
  const time = clock(Math.max(1, Math.round(listeningSeconds(length))));
  return (
    <span className="text-xs text-muted-foreground tabular-nums opacity-0 transition-opacity group-focus-within/card:opacity-100 group-hover/card:opacity-100">
      {t("narrate.segment.length", { count: length, time })}
    </span>
  );
}
