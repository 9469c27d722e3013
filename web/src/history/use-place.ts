/** Where one is in the history: the address has it all, so that it can be linked to and gone back to. */
import { useSearchParams } from "react-router";
import type { HistoryType } from "@/api/history";

interface Place {
  type: HistoryType | undefined;
  /** From 1. */
  page: number;
  /** The one that is looked at. */
  entryId: string | null;
}

const typeOf = (type: string | null) => (type === "tts" || type === "stt" ? type : undefined);

export function usePlace() {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string | undefined, without: readonly string[] = []) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      for (const one of without) next.delete(one);
      if (value === undefined) next.delete(name);
      else next.set(name, value);
      return next;
    });
  const page = Number(params.get("page") ?? 1);
  const place: Place = {
    type: typeOf(params.get("type")),
    page: Number.isInteger(page) && page > 0 ? page : 1,
    entryId: params.get("entry"),
  };
  return {
    ...place,
    /** Another choice begins on the first page. */
    setType: (type: HistoryType | undefined) => set("type", type, ["page"]),
    setPage: (next: number) => set("page", next === 1 ? undefined : String(next)),
    setEntryId: (id: string | null) => set("entry", id ?? undefined),
  };
}
