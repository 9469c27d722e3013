/**
 * What was typed and is not on the server yet, kept where it outlives the page: a crash, a closed tab or a
 * server that was away loses no text.
 */
import type { DraftField } from "./drafts";

interface StoredDraft {
  value: string;
  /** What the server had when the typing began. */
  base: string;
}

const PREFIX = "parlando.draft.";

const name = (segmentId: string, field: DraftField) => `${PREFIX}${segmentId}.${field}`;

/** Storage may be full or forbidden; the draft in memory remains. */
function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

export function storeDraft(segmentId: string, field: DraftField, draft: StoredDraft): void {
  quietly(() => localStorage.setItem(name(segmentId, field), JSON.stringify(draft)));
}

export function loadDraft(segmentId: string, field: DraftField): StoredDraft | undefined {
  return quietly(() => {
    const text = localStorage.getItem(name(segmentId, field));
    if (text === null) return undefined;
    const draft = JSON.parse(text) as Partial<StoredDraft> | null;
    return typeof draft?.value === "string" && typeof draft.base === "string"
      ? { value: draft.value, base: draft.base }
      : undefined;
  });
}

export function dropStoredDraft(segmentId: string, field: DraftField): void {
  quietly(() => localStorage.removeItem(name(segmentId, field)));
}

/** Whether looking for drafts is worth the while. */
export function hasStoredDrafts(): boolean {
  return quietly(() => Object.keys(localStorage).some((key) => key.startsWith(PREFIX))) ?? false;
}
