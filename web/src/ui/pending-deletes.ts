/**
 * Deleting with undo: what is deleted goes from the page at once, the request is sent when the time for second
 * thoughts is over. It stays hidden for good, so that no answer that is still on its way shows it again.
 */
import { create } from "zustand";
import { ApiError } from "@/api/client";
import { t } from "@/strings/strings";
import { toast } from "./toast";

export const UNDO_MS = 6_000;

interface Deletable {
  id: string;
}

interface Pending<Item> {
  item: Item;
  timer: ReturnType<typeof setTimeout>;
  toastId: string | number;
  onUndo: (item: Item) => void;
}

interface Options<Item> {
  /** keepalive: the request outlives the page. */
  send: (item: Item, keepalive: boolean) => Promise<unknown>;
  /** The server has it no more. */
  onGone: (item: Item) => void;
  /** What is said when the server keeps it. */
  failed: () => string;
}

export class PendingDeletes<Item extends Deletable> {
  /** What the page does not show any more. */
  readonly useHidden = create<{ hidden: ReadonlySet<string> }>(() => ({ hidden: new Set() }));

  /** Those that can be undone, oldest first. */
  #pending = new Map<string, Pending<Item>>();
  #running = new Set<Promise<void>>();

  constructor(private readonly options: Options<Item>) {}

  isHidden(id: string): boolean {
    return this.useHidden.getState().hidden.has(id);
  }

  /** said: what the page tells of it; onUndo is called when it is back. */
  deleteLater(item: Item, said: string, onUndo: (item: Item) => void): void {
    const { id } = item;
    if (this.isHidden(id)) return;
    this.#show(id, false);
    this.#pending.set(id, {
      item,
      onUndo,
      timer: setTimeout(() => void this.#commit(id, false), UNDO_MS),
      toastId: toast.say(said, { label: t("ui.undo"), onClick: () => this.#undoFromToast(id) }, UNDO_MS),
    });
  }

  /** Brings one back, the one deleted last without an id; false when there is none. */
  undo(id: string | undefined = [...this.#pending.keys()].at(-1)): boolean {
    const undone = id === undefined ? undefined : this.#take(id);
    if (!undone) return false;
    this.#show(undone.item.id, true);
    undone.onUndo(undone.item);
    return true;
  }

  /** Sends what was deleted; resolves when the server has it all. isLeaving: the requests outlive the page. */
  async flush(isLeaving = false): Promise<void> {
    for (const id of [...this.#pending.keys()]) void this.#commit(id, isLeaving);
    await Promise.all(this.#running);
  }

  #show(id: string, isShown: boolean): void {
    this.useHidden.setState(({ hidden }) => {
      const next = new Set(hidden);
      if (isShown) next.delete(id);
      else next.add(id);
      return { hidden: next };
    });
  }

  /** A toast that loses focus gives it to what had it before: let that be over before the item gets it. */
  #undoFromToast(id: string): void {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.undo(id);
  }

  #take(id: string): Pending<Item> | undefined {
    const taken = this.#pending.get(id);
    if (!taken) return undefined;
    this.#pending.delete(id);
    clearTimeout(taken.timer);
    toast.dismiss(taken.toastId);
    return taken;
  }

  #commit(id: string, isLeaving: boolean): Promise<void> {
    const taken = this.#take(id);
    if (!taken) return Promise.resolve();
    const request = this.#remove(taken.item, isLeaving).finally(() => this.#running.delete(request));
    this.#running.add(request);
    return request;
  }

  async #remove(item: Item, isLeaving: boolean): Promise<void> {
    try {
      await this.options.send(item, isLeaving);
    } catch (error) {
      const isGone = error instanceof ApiError && error.status === 404;
      if (!isGone) {
        this.#show(item.id, true);
        toast.failed(this.options.failed(), error);
        return;
      }
    }
    this.options.onGone(item);
  }
}
