/** Models: which there are, getting and removing them. What changes by itself comes with the event stream. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { useStudio } from "./events";
import { keys } from "./keys";
import { refetch } from "./outdated";

export type Model = Schemas["Model"];
export type ModelList = Schemas["ModelList"];
export type Pull = Schemas["Pull"];

export const isUnderWay = ({ state }: Pull) =>
  state === "waiting" || state === "downloading" || state === "preparing";

export function useModels() {
  return useQuery({
    queryKey: keys.modelList,
    queryFn: ({ signal }) => body(api.GET("/api/models/", { signal })),
  });
}

/** With what it takes and gives, as far as that is known. */
export function useModel(id: string) {
  return useQuery({
    queryKey: keys.model(id),
    queryFn: ({ signal }) => body(api.GET("/api/models/{id}/", { params: { path: { id } }, signal })),
  });
}

/** The pull of a model as the stream told it last; the list's own where the stream tells of none. */
export function usePull({ id, pull }: Model): Pull | null {
  return useStudio(({ pulls }) => pulls.find(({ model }) => model === id)) ?? pull;
}

/** Whether one of these is on its way. */
export function useIsPulling(models: readonly Model[]): boolean {
  return useStudio(({ pulls }) =>
    pulls.some((pull) => isUnderWay(pull) && models.some(({ id }) => id === pull.model)),
  );
}

function useModelChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: refetch(client, keys.models) });
}

const of = (id: string) => ({ params: { path: { id } } });

/** Begins to get it and what it needs, or goes on with it. */
export const useStartPull = () =>
  useModelChange((id: string) => body(api.POST("/api/models/{id}/pull/", of(id))));

export const useCancelPull = () =>
  useModelChange((id: string) => api.DELETE("/api/models/{id}/pull/", of(id)));

export const useLoadModel = () =>
  useModelChange((id: string) => body(api.POST("/api/models/{id}/load/", of(id))));

export const useUnloadModel = () =>
  useModelChange((id: string) => body(api.POST("/api/models/{id}/unload/", of(id))));

export const useVerifyModel = () =>
  useModelChange((id: string) => body(api.POST("/api/models/{id}/verify/", of(id))));

export const useRemoveModel = () => useModelChange((id: string) => api.DELETE("/api/models/{id}/", of(id)));
