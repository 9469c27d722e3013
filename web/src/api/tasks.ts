/** Starting to speak, and what can be done about work under way. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type TaskSummary } from "./client";
import { keys } from "./keys";
import { refetch } from "./outdated";

export const hasEnded = (task: TaskSummary) => task.status === "COMPLETED" || task.status === "FAILED";

/** A task with its errors, as it was when the summary was made. */
export function useTask({ task_id, status, progress }: TaskSummary) {
  return useQuery({
    queryKey: [...keys.task(task_id), status, progress.completed],
    queryFn: ({ signal }) =>
      body(api.GET("/api/tasks/{task_id}/status/", { params: { path: { task_id } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** Speaks one segment; resolves to the task's id. */
export function useGenerateSegment(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (segmentId: string) =>
      (await body(api.POST("/api/segments/{id}/generate-audio/", { params: { path: { id: segmentId } } })))
        .task_id,
    onSettled: refetch(client, keys.project(projectId)),
  });
}

/** Speaks what has no audio or an outdated one; null when there is nothing to do. */
export function useGenerateAll(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (force: boolean) => {
      const answer = await body(
        api.POST("/api/projects/{id}/generate-all-audio/", {
          params: { path: { id: projectId } },
          body: { skip_locked: true, force_regenerate: force },
        }),
      );
      return "task_id" in answer ? answer.task_id : null;
    },
    onSettled: refetch(client, keys.project(projectId)),
  });
}

export type TaskAction = "cancel" | "pause" | "resume" | "retry";

/** The event stream shows the effect. */
export function useTaskAction() {
  return useMutation({
    mutationFn: ({ taskId, action }: { taskId: string; action: TaskAction }) =>
      body(api.POST(`/api/tasks/{task_id}/${action}/`, { params: { path: { task_id: taskId } } })),
  });
}
