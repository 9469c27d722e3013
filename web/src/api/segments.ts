/**
 * Segments of a project. A change shows at once in the cached project and is taken back when the server
 * refuses it; what the server answers replaces the guess.
 */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type ProjectDetail, type Schemas, type Segment } from "./client";
import { keys } from "./keys";
import { refetch } from "./outdated";

export type SegmentPatch = Schemas["SegmentPatch"];

/** Changes the cached project; returns how it was. */
export function editCached(
  client: QueryClient,
  projectId: string,
  edit: (segments: Segment[]) => Segment[],
): ProjectDetail | undefined {
  const before = client.getQueryData<ProjectDetail>(keys.project(projectId));
  if (before) client.setQueryData(keys.project(projectId), { ...before, segments: edit(before.segments) });
  return before;
}

/** Puts one segment's new state into the cached project. */
export function replaceCached(client: QueryClient, segment: Segment): void {
  editCached(client, segment.project, (segments) =>
    segments.map((one) => (one.id === segment.id ? segment : one)),
  );
}

/** A mutation whose effect on the segments is shown before the server has answered. */
function useSegmentChange<Input, Output>(
  projectId: string,
  change: (input: Input) => Promise<Output>,
  edit: (segments: Segment[], input: Input) => Segment[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onMutate: async (input) => {
      await client.cancelQueries({ queryKey: keys.project(projectId) });
      return editCached(client, projectId, (segments) => edit(segments, input));
    },
    onError: (_error, _input, before) => {
      if (before) client.setQueryData(keys.project(projectId), before);
    },
    onSettled: refetch(client, keys.project(projectId)),
  });
}

const unchanged = (segments: Segment[]) => segments;

/** Text, prompt, lock. */
export function usePatchSegment(projectId: string) {
  return useSegmentChange<{ id: string; patch: SegmentPatch }, Segment>(
    projectId,
    ({ id, patch }) => body(api.PATCH("/api/segments/{id}/", { params: { path: { id } }, body: patch })),
    (segments, { id, patch }) => segments.map((one) => (one.id === id ? { ...one, ...patch } : one)),
  );
}

/** A new segment with this text; at the end without an index. */
export function useCreateSegment(projectId: string) {
  return useSegmentChange<{ text: string; index?: number }, Segment>(
    projectId,
    ({ text, index }) =>
      body(
        api.POST("/api/segments/", {
          body: {
            project: projectId,
            text_content: text,
            ...(index !== undefined && { sequence_index: index }),
          },
        }),
      ),
    unchanged,
  );
}

/** keepalive: the request outlives the page. */
export function deleteSegment(id: string, keepalive = false): Promise<unknown> {
  return api.DELETE("/api/segments/{id}/", { params: { path: { id } }, keepalive });
}

/** ids are all of the project's, in their new order. */
export function useReorderSegments(projectId: string) {
  return useSegmentChange<string[], unknown>(
    projectId,
    (order) => api.POST("/api/segments/reorder/", { body: { project: projectId, order } }),
    (segments, order) => {
      const byId = new Map(segments.map((one) => [one.id, one]));
      return order.flatMap((id, index) => {
        const segment = byId.get(id);
        return segment ? [{ ...segment, sequence_index: index }] : [];
      });
    },
  );
}

export function useUploadImage(projectId: string) {
  return useSegmentChange<{ id: string; image: File }, unknown>(
    projectId,
    ({ id, image }) => {
      const data = new FormData();
      data.append("image", image);
      return api.POST("/api/segments/{id}/upload-image/", {
        params: { path: { id } },
        body: data as never,
        bodySerializer: (form: unknown) => form as FormData,
      });
    },
    unchanged,
  );
}

export function useRemoveImage(projectId: string) {
  return useSegmentChange<string, unknown>(
    projectId,
    (id) => api.DELETE("/api/segments/{id}/remove-image/", { params: { path: { id } } }),
    (segments, id) => segments.map((one) => (one.id === id ? { ...one, image_file: null } : one)),
  );
}

/** Where a recording is fetched: its address stays when it is made anew, so the moment of that is added. */
export function audioUrl({ audio_file, audio_created_at }: Segment): string | null {
  return audio_file && `${audio_file}?v=${encodeURIComponent(audio_created_at ?? "")}`;
}

const PEAKS_COUNT = 320;

/** The recording's shape; asked for once a recording. */
export function usePeaks(segment: Segment) {
  const audio = audioUrl(segment);
  return useQuery({
    queryKey: keys.peaks(segment.id, audio ?? ""),
    enabled: audio !== null,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/segments/{id}/peaks/", {
          params: { path: { id: segment.id }, query: { count: PEAKS_COUNT } },
          signal,
        }),
      ),
  });
}
