/** Voices, and the settings that say which one speaks. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, body, type Schemas } from "./client";
import { keys } from "./keys";

export const SPEED_MIN = 0.5;
export const SPEED_MAX = 2;

/** Whichever speaks best of those that can. */
export const AUTO_ENGINE = "auto";

/** By name, the best first. */
export const ENGINES = ["kokoro", "kitten", "piper", "espeak"] as const;

/** Those of an engine; of the one that would speak now when none is named. */
export function useVoices(engine?: string) {
  return useQuery({
    queryKey: keys.voices(engine),
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status !== 0), // a model that is missing stays so
    queryFn: ({ signal }) =>
      body(api.GET("/api/voices/", { params: { query: { ...(engine && { engine }) } }, signal })),
  });
}

export function useSettings() {
  return useQuery({
    queryKey: keys.settings,
    queryFn: ({ signal }) => body(api.GET("/api/settings/", { signal })),
  });
}

/** Work that was started goes on with the old settings. */
export function usePatchSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (patch: Schemas["SettingsPatch"]) => body(api.PATCH("/api/settings/", { body: patch })),
    onMutate: (patch) => {
      const before = client.getQueryData<Schemas["Settings"]>(keys.settings);
      if (before) client.setQueryData(keys.settings, { ...before, ...patch });
      return before;
    },
    onError: (_error, _patch, before) => client.setQueryData(keys.settings, before),
    onSuccess: (settings) => client.setQueryData(keys.settings, settings),
  });
}

/** A few seconds of a voice, as a WAV. */
export async function audition(wanted: Schemas["AuditionBody"], signal: AbortSignal): Promise<Blob> {
  const { data } = await api.POST("/api/voices/audition/", { body: wanted, parseAs: "blob", signal });
  return data as unknown as Blob;
}
