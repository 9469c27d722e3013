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

/** What of an entry's row gets the focus. */
export const entryFocusId = (id: string) => `entry-${id}`;

/** Once what is shown now has changed. */
const focusNext = (find: () => HTMLElement | null) => requestAnimationFrame(() => find()?.focus());

/** A deleted row takes the focus with it: the one below gets it, or the one above, or the heading. */
function focusBeside(id: string): void {
  const item = document.getElementById(entryFocusId(id))?.closest("li");
  const beside = item?.nextElementSibling ?? item?.previousElementSibling;
  const target = beside?.querySelector<HTMLElement>(`[id^="${entryFocusId("")}"]`);
  focusNext(() => target ?? document.querySelector("h1"));
}

export function deleteEntry(entry: HistoryEntry): void {
  const title = titleOf(entry);
  const short = title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;
  clipPlayer.stop(entry.id);
  focusBeside(entry.id);
  deletes.deleteLater(entry, t("history.deleted", { title: short }), ({ id }) =>
    focusNext(() => document.getElementById(entryFocusId(id))),
  );
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
