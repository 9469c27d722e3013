/** Takes recordings off the page; what only the page had of them can be brought back for a while. */
import { t } from "@/strings/strings";
import { UNDO_MS } from "@/ui/pending-deletes";
import { toast } from "@/ui/toast";
import { isOnlyHere, removeTranscriptions, useTranscriptions } from "./transcriptions";

export function removeRecordings(ids: readonly string[]): void {
  const going = useTranscriptions.getState().list.filter(({ id }) => ids.includes(id));
  const isLoss = going.some(isOnlyHere);
  const undo = removeTranscriptions(ids);
  if (isLoss)
    toast.say(
      t("transcribe.removed", { count: going.length }),
      { label: t("ui.undo"), onClick: undo },
      UNDO_MS,
    );
}
