/** What a person changed reaches the server before it speaks. */
import { ApiError, type Segment } from "@/api/client";
import { t } from "@/strings/strings";
import { hasUnsaved, saveAllDrafts, saveDrafts } from "../timeline/drafts";
import { flushDeletes } from "../timeline/pending-deletes";
import { orderSettled } from "../timeline/segment-order";

/** Throws when a text that would be spoken could not be saved. */
function checkSaved(segments: readonly Segment[]): void {
  if (segments.some(({ id, is_locked }) => !is_locked && hasUnsaved(id)))
    throw new ApiError(0, t("narrate.generation.unsaved"));
}

export async function settleSegment(segment: Segment): Promise<void> {
  await saveDrafts(segment.id);
  checkSaved([segment]);
}

export async function settleProject(projectId: string, segments: readonly Segment[]): Promise<void> {
  await Promise.all([flushDeletes(), saveAllDrafts(), orderSettled(projectId)]);
  checkSaved(segments);
}
