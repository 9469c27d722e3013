/** What was spoken and heard: reading it, and taking entries away. */
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { keys } from "./keys";
import { refetch } from "./outdated";

export type HistoryEntry = Schemas["HistoryEntry"];
export type HistoryDetail = Schemas["HistoryDetail"];
export type HistoryType = HistoryEntry["type"];

export const ENTRIES_A_PAGE = 25;

export interface HistoryFilter {
  /** undefined: both. */
  type?: HistoryType | undefined;
  search: string;
}

const queryOf = ({ type, search }: HistoryFilter) => ({ ...(type && { type }), ...(search && { search }) });

/** Newest first; pages count from 1. While another one is fetched, the last one's entries stay. */
export function useHistory(filter: HistoryFilter, page: number) {
  return useQuery({
    queryKey: keys.historyList(filter.type, filter.search, page),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { ...queryOf(filter), limit: ENTRIES_A_PAGE, offset: (page - 1) * ENTRIES_A_PAGE };
      return body(api.GET("/api/history/", { params: { query }, signal }));
    },
  });
}

/** An entry with all it has: its text, its words or segments. */
export function historyEntryQuery(id: string) {
  return queryOptions({
    queryKey: keys.historyEntry(id),
    queryFn: ({ signal }) => body(api.GET("/api/history/{id}/", { params: { path: { id } }, signal })),
  });
}

export function useHistoryEntry(id: string | null) {
  return useQuery({ ...historyEntryQuery(id ?? ""), enabled: id !== null });
}

/** keepalive: the request outlives the page. */
export function deleteHistoryEntry(id: string, keepalive = false): Promise<unknown> {
  return api.DELETE("/api/history/{id}/", { params: { path: { id } }, keepalive });
}

/** Takes away all that the filter lets through; resolves to how many that were. */
export function useClearHistory() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (filter: HistoryFilter) =>
      (await body(api.DELETE("/api/history/", { params: { query: queryOf(filter) } }))).deleted,
    onSettled: refetch(client, keys.history),
  });
}
