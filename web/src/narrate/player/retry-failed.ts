import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, body } from "@/api/client";
import { useStudio } from "@/api/events";
import { keys } from "@/api/keys";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";
import { failedBatch, outlook } from "./batch";

/** None of the batch's segments is failed any more, or it is forgotten by now. */
const hasNothingToRetry = (error: unknown) =>
  error instanceof ApiError && (error.status === 409 || error.status === 404);

async function retryBatch(taskId: string): Promise<void> {
  await api
    .POST("/api/tasks/{task_id}/retry/", { params: { path: { task_id: taskId } } })
    .catch((error: unknown) => {
      if (!hasNothingToRetry(error)) throw error;
    });
}

/** Those that failed in the last batch become that batch again; others are spoken one by one. */
async function retryFailed(projectId: string): Promise<void> {
  const batch = failedBatch(useStudio.getState().tasks, projectId);
  if (batch) await retryBatch(batch.task_id);
  const project = await body(api.GET("/api/projects/{id}/", { params: { path: { id: projectId } } }));
  for (const { id } of outlook(project.segments).failed)
    await api.POST("/api/segments/{id}/generate-audio/", { params: { path: { id } } });
}

export function useRetryFailed(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => retryFailed(projectId),
    onError: (error) => toast.failed(t("narrate.generation.failedToStart"), error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.project(projectId) }),
  });
}
