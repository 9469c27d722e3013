/**
 * Autosave. A draft is what a person typed into a field of a segment; it covers what the server has until the
 * server has it too, so that no answer, however late, overwrites typing.
 *
 * A segment's drafts are saved by one request at a time, in the order they were typed. What fails stays a
 * draft, here and in the browser's storage, and is tried again on demand or once the server is back.
 */
import { create } from "zustand";
import { api, ApiError, body, type ProjectDetail, type Segment, wordsOf } from "@/api/client";
import { replaceCached, type SegmentPatch } from "@/api/segments";
import { queryClient } from "@/query-client";
import { t } from "@/strings/strings";
import { copyText } from "@/ui/copy";
import { toast } from "@/ui/toast";
import { dropStoredDraft, hasStoredDrafts, loadDraft, storeDraft } from "./draft-storage";

export type DraftField = "text_content" | "image_prompt";
const DRAFT_FIELDS: readonly DraftField[] = ["text_content", "image_prompt"];

type DraftStatus = "unsaved" | "saving" | "saved" | "failed";

export interface Draft {
  value: string;
  status: DraftStatus;
  /** Why it was not saved. */
  reason?: string;
  /** It may well go through when the server is back, or has been given the key. */
  isWorthRetrying?: boolean;
  /** The server has a text from elsewhere: a person decides which one stays. */
  isConflict?: boolean;
  /** Once saved: updated_at of the segment that holds it. An older answer must not show. */
  savedAt?: string;
}

type Drafts = Readonly<Record<string, Draft | undefined>>;

export const useDrafts = create<{ drafts: Drafts }>(() => ({ drafts: {} }));

export const SAVE_AFTER_MS = 600;

/** Characters. Browsers carry no more than 64 KiB beyond the end of a page. */
const KEEPALIVE_MAX = 20_000;

interface Saver {
  timer?: ReturnType<typeof setTimeout>;
  running?: Promise<void>;
  /** Asked for while a request was under way. */
  again: boolean;
}

const savers = new Map<string, Saver>();

const key = (segmentId: string, field: DraftField) => `${segmentId}/${field}`;
const draftOf = (segmentId: string, field: DraftField) => useDrafts.getState().drafts[key(segmentId, field)];

function put(segmentId: string, field: DraftField, draft: Draft): void {
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [key(segmentId, field)]: draft } }));
}

/** The draft as the card shows it. */
export function useDraft(segmentId: string, field: DraftField): Draft | undefined {
  return useDrafts(({ drafts }) => drafts[key(segmentId, field)]);
}

/** What a field shows: the draft, until the server has it or something newer. */
export function shownValue(segment: Segment, field: DraftField, draft: Draft | undefined): string {
  if (!draft) return segment[field];
  if (draft.status === "saved" && segment.updated_at >= (draft.savedAt ?? "")) return segment[field];
  return draft.value;
}

/**
 * How the text will be once the server has what was typed: as it has it already, another, or blank. A
 * recording's buttons go by this, since leaving the text to click one of them saves it in that moment.
 */
export function useTypedText(segment: Segment): "saved" | "other" | "blank" {
  return useDrafts(({ drafts }) => {
    const text = shownValue(segment, "text_content", drafts[key(segment.id, "text_content")]);
    if (text.trim() === "") return "blank";
    return text === segment.text_content ? "saved" : "other";
  });
}

function saverOf(segmentId: string): Saver {
  const known = savers.get(segmentId);
  if (known) return known;
  const made: Saver = { again: false };
  savers.set(segmentId, made);
  return made;
}

/** Notes what was typed, and saves it when the typing stops. */
export function typeDraft(segment: Segment, field: DraftField, value: string): void {
  const before = draftOf(segment.id, field);
  const base =
    before && before.status !== "saved"
      ? (loadDraft(segment.id, field)?.base ?? segment[field])
      : shownValue(segment, field, before);
  put(segment.id, field, { value, status: "unsaved" });
  storeDraft(segment.id, field, { value, base });

  const saver = saverOf(segment.id);
  clearTimeout(saver.timer);
  saver.timer = setTimeout(() => void saveDrafts(segment.id), SAVE_AFTER_MS);
}

/** Saves now what a segment has unsaved; resolves when it is saved or has failed. */
export function saveDrafts(segmentId: string): Promise<void> {
  const saver = saverOf(segmentId);
  clearTimeout(saver.timer);
  if (saver.running) saver.again = true;
  else saver.running = runSaver(segmentId, saver).finally(() => delete saver.running);
  return saver.running;
}

async function runSaver(segmentId: string, saver: Saver): Promise<void> {
  saver.again = false;
  const patch = unsavedOf(segmentId);
  if (patch) await send(segmentId, patch);
  if (wasAskedAgain(saver)) await runSaver(segmentId, saver);
}

const wasAskedAgain = ({ again }: Saver) => again;

/** The page is about to end: waits for nothing, and the request goes on without the page. */
async function saveLeaving(segmentId: string): Promise<void> {
  const patch = unsavedOf(segmentId);
  clearTimeout(saverOf(segmentId).timer);
  if (patch) await send(segmentId, patch, JSON.stringify(patch).length < KEEPALIVE_MAX);
}

function unsavedOf(segmentId: string): SegmentPatch | undefined {
  const patch: SegmentPatch = {};
  for (const field of DRAFT_FIELDS) {
    const draft = draftOf(segmentId, field);
    if (draft && isUnsaved(draft)) patch[field] = draft.value;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

const isUnsaved = ({ status }: Draft) => status !== "saved";

async function send(segmentId: string, patch: SegmentPatch, keepalive = false): Promise<void> {
  settle(segmentId, patch, (value) => ({ value, status: "saving" }));
  try {
    const request = api.PATCH("/api/segments/{id}/", {
      params: { path: { id: segmentId } },
      body: patch,
      keepalive,
    });
    const segment = await body(request);
    settle(segmentId, patch, (value) => ({ value, status: "saved", savedAt: segment.updated_at }));
    replaceCached(queryClient, segment);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) lose(segmentId);
    else settle(segmentId, patch, (value) => failed(value, error));
  }
}

function failed(value: string, error: unknown): Draft {
  const isKnown = error instanceof ApiError;
  return {
    value,
    status: "failed",
    reason: wordsOf(error),
    isWorthRetrying: isKnown && (error.status === 0 || error.status === 401 || error.status >= 500),
  };
}

/** Gives what was sent its new state; what was typed on in the meantime keeps its own. */
function settle(segmentId: string, patch: SegmentPatch, next: (value: string) => Draft): void {
  for (const field of DRAFT_FIELDS) {
    const value = patch[field];
    if (value === undefined || draftOf(segmentId, field)?.value !== value) continue;
    const draft = next(value);
    put(segmentId, field, draft);
    if (draft.status === "saved") dropStoredDraft(segmentId, field);
  }
}

/** The segment was deleted elsewhere: its text has no place any more, but is not thrown away unasked. */
function lose(segmentId: string): void {
  const text = DRAFT_FIELDS.map((field) => draftOf(segmentId, field))
    .filter((draft) => draft !== undefined && isUnsaved(draft))
    .map((draft) => draft?.value)
    .join("\n\n");
  discardDrafts(segmentId);
  if (text !== "")
    toast.say(
      t("narrate.save.gone"),
      { label: t("narrate.segment.copyText"), onClick: () => void copyText(text) },
      Infinity, // it holds the only copy
    );
}

/** Forgets what was typed into a segment. */
export function discardDrafts(segmentId: string): void {
  clearTimeout(savers.get(segmentId)?.timer);
  for (const field of DRAFT_FIELDS) discardDraft(segmentId, field);
}

/** Forgets what was typed into a field; the server's value shows again. */
export function discardDraft(segmentId: string, field: DraftField): void {
  dropStoredDraft(segmentId, field);
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [key(segmentId, field)]: undefined } }));
}

function unsavedSegments(isChosen: (draft: Draft) => boolean): Set<string> {
  const chosen = Object.entries(useDrafts.getState().drafts).filter(([, draft]) => draft && isChosen(draft));
  return new Set(chosen.map(([name]) => name.slice(0, name.lastIndexOf("/"))));
}

export const hasUnsaved = (segmentId: string) => unsavedOf(segmentId) !== undefined;

/** Whether anything typed into one of these has not reached the server. */
export function useHasUnsaved(segments: readonly Segment[]): boolean {
  return useDrafts(({ drafts }) =>
    segments.some(({ id }) =>
      DRAFT_FIELDS.some((field) => {
        const draft = drafts[key(id, field)];
        return draft !== undefined && isUnsaved(draft);
      }),
    ),
  );
}

export const hasUnsavedDrafts = () => unsavedSegments(isUnsaved).size > 0;

export async function saveAllDrafts(): Promise<void> {
  await Promise.all([...unsavedSegments(isUnsaved)].map((id) => saveDrafts(id)));
}

/** With requests that outlive the page. */
export async function saveAllLeaving(): Promise<void> {
  await Promise.all([...unsavedSegments(isUnsaved)].map((id) => saveLeaving(id)));
}

/** The server is back. */
export async function retryDrafts(): Promise<void> {
  const chosen = unsavedSegments(({ status, isWorthRetrying }) => status === "failed" && !!isWorthRetrying);
  await Promise.all([...chosen].map((id) => saveDrafts(id)));
}

/** Takes up what an earlier visit could not save. Where the text was changed meanwhile, a person decides. */
export function restoreDrafts(project: ProjectDetail): void {
  if (!hasStoredDrafts()) return;
  for (const segment of project.segments) {
    let isWaiting = false;
    for (const field of DRAFT_FIELDS) isWaiting = restore(segment, field) || isWaiting;
    if (isWaiting) void saveDrafts(segment.id);
  }
}

/** Whether it is to be saved now. */
function restore(segment: Segment, field: DraftField): boolean {
  const stored = loadDraft(segment.id, field);
  if (!stored || draftOf(segment.id, field)) return false;
  if (stored.value === segment[field]) {
    dropStoredDraft(segment.id, field);
    return false;
  }
  const isCurrent = stored.base === segment[field];
  put(
    segment.id,
    field,
    isCurrent
      ? { value: stored.value, status: "unsaved" }
      : { value: stored.value, status: "failed", reason: t("narrate.save.conflict"), isConflict: true },
  );
  return isCurrent;
}
