import { Check, CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";
import { discardDraft, type DraftField, saveDrafts, useDraft } from "./drafts";

interface SaveStateProps {
  segmentId: string;
  field: DraftField;
}

/** Whether what was typed is on the server. Read out is only what came of it, not each pause in typing. */
export function SaveState({ segmentId, field }: SaveStateProps) {
  const { t } = useTranslation();
  const draft = useDraft(segmentId, field);

  if (draft?.status === "failed") return <NotSaved segmentId={segmentId} field={field} />;
  return (
    <span role="status" className="flex items-center gap-1 text-xs text-muted-foreground [&_svg]:size-3">
      {(draft?.status === "unsaved" || draft?.status === "saving") && (
        <span aria-hidden className="flex items-center gap-1">
          <Spinner />
          {t("narrate.save.saving")}
        </span>
      )}
      {draft?.status === "saved" && (
        <>
          <Check aria-hidden />
          {t("narrate.save.saved")}
        </>
      )}
    </span>
  );
}

function NotSaved({ segmentId, field }: SaveStateProps) {
  const { t } = useTranslation();
  const draft = useDraft(segmentId, field);
  const isConflict = draft?.isConflict === true;
  return (
    <span
      role="alert"
      className="flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md bg-bad-ground px-2 py-1 text-xs text-bad"
    >
      <CircleAlert aria-hidden className="size-3.5 shrink-0" />
      <span className="min-w-0 wrap-anywhere">
        {t("narrate.save.failed", { reason: draft?.reason ?? "" })}
      </span>
      <span className="flex gap-1">
        <Button look="outline" size="small" className="h-7" onClick={() => void saveDrafts(segmentId)}>
          {t(isConflict ? "narrate.save.keepMine" : "narrate.save.retry")}
        </Button>
        <Button look="quiet" size="small" className="h-7" onClick={() => discardDraft(segmentId, field)}>
          {t(isConflict ? "narrate.save.takeTheirs" : "narrate.save.discard")}
        </Button>
      </span>
    </span>
  );
}
