/** Entries that were deleted and can be had back for a moment. */
import { useEffect } from "react";
import { deleteHistoryEntry, type HistoryEntry } from "@/api/history";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { clipPlayer } from "@/sound/clip-player";
import { t } from "@/strings/strings";
import { PendingDeletes } from "@/ui/pending-deletes";
import { titleOf } from "./entry-words";

const TITLE_LENGTH = 60;

const deletes = new PendingDeletes<HistoryEntry>({
  send: ({ id }, keepalive) => deleteHistoryEntry(id, keepalive),
  onGone: ({ id }) => {
    queryClient.removeQueries({ queryKey: keys.historyEntry(id), type: "inactive" });
    void queryClient.invalidateQueries({ queryKey: keys.history });
  },
  failed: () => t("history.notDeleted"),
});

/** Entries that the page does not show any more. */
export const useDeletedEntries = () => deletes.useHidden(({ hidden }) => hidden);

export function deleteEntry(entry: HistoryEntry): void {
  const title = titleOf(entry);
  const short = title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;
  clipPlayer.stop(entry.id);
  deletes.deleteLater(entry, t("history.deleted", { title: short }), () => undefined);
}

export const undoDeleteEntry = () => deletes.undo();

/** Who leaves the page deletes for good. */
export function useDeletingOnLeave(): void {
  useEffect(() => {
    const leave = () => void deletes.flush(true);
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      void deletes.flush();
    };
  }, []);
}
