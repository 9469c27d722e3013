/** Profiles: what somebody likes to speak with, under a name. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { keys } from "./keys";
import { refetch } from "./outdated";

export type Profile = Schemas["Profile"];
export type ProfileBody = Schemas["ProfileBody"];
export type ProfilePatch = Schemas["ProfilePatch"];

export function useProfiles() {
  return useQuery({
    queryKey: keys.profiles,
    queryFn: ({ signal }) => body(api.GET("/api/profiles/", { signal })),
  });
}

function useProfileChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: refetch(client, keys.profiles) });
}

export function useCreateProfile() {
  return useProfileChange((profile: ProfileBody) => body(api.POST("/api/profiles/", { body: profile })));
}

export function usePatchProfile() {
  return useProfileChange(({ id, patch }: { id: string; patch: ProfilePatch }) =>
    body(api.PATCH("/api/profiles/{id}/", { params: { path: { id } }, body: patch })),
  );
}

export function useDeleteProfile() {
  return useProfileChange((id: string) => api.DELETE("/api/profiles/{id}/", { params: { path: { id } } }));
}

/** It speaks wherever no other one is named. */
export function useMakeProfileDefault() {
  return useProfileChange((id: string) =>
    body(api.POST("/api/profiles/{id}/default/", { params: { path: { id } } })),
  );
}
