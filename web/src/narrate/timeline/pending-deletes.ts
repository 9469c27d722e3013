/** Segments that were deleted and can be had back for a moment. */
import type { Segment } from "@/api/client";
import { keys } from "@/api/keys";
import { deleteSegment, editCached } from "@/api/segments";
import { queryClient } from "@/query-client";
import { t } from "@/strings/strings";
import { PendingDeletes } from "@/ui/pending-deletes";
import { discardDrafts } from "./drafts";

const deletes = new PendingDeletes<Segment>({
  send: ({ id }, keepalive) => deleteSegment(id, keepalive),
  onGone: ({ id, project }) => {
    discardDrafts(id);
    editCached(queryClient, project, (segments) => segments.filter((one) => one.id !== id));
    void queryClient.invalidateQueries({ queryKey: keys.project(project) });
  },
  failed: () => t("narrate.delete.failed"),
});

/** Segments that the page does not show any more. */
export const usePendingDeletes = deletes.useHidden;

/** number: how the page calls it; onUndo is called when it is back. */
export function deleteLater(segment: Segment, number: number, onUndo: (segment: Segment) => void): void {
  deletes.deleteLater(segment, t("narrate.delete.done", { number }), onUndo);
}

/** Brings a segment back, the one deleted last without an id; false when there is none. */
export const undoDelete = (id?: string) => deletes.undo(id);

/** Sends what was deleted; resolves when the server has it all. isLeaving: the requests outlive the page. */
export const flushDeletes = (isLeaving = false) => deletes.flush(isLeaving);
