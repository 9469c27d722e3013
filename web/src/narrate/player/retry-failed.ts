import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, body, type ProjectDetail } from "@/api/client";
import { useStudio } from "@/api/events";
import { keys } from "@/api/keys";
import { refetch } from "@/api/outdated";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";
import { failedBatch, outlook } from "./batch";
import { settleProject } from "./settle-edits";

/** None of the batch's segments is failed any more, or it is forgotten by now. */
const hasNothingToRetry = (error: unknown) =>
  error instanceof ApiError && (error.status === 409 || error.status === 404);

/** Speaks what failed in a task again, as that task; returns which segments these are. */
async function retryBatch(taskId: string): Promise<(string | null)[]> {
  const params = { path: { task_id: taskId } };
  try {
    const { errors } = await body(api.GET("/api/tasks/{task_id}/status/", { params }));
    await api.POST("/api/tasks/{task_id}/retry/", { params });
    return errors.map((one) => one.segment_id);
  } catch (error) {
    if (hasNothingToRetry(error)) return [];
    throw error;
  }
}

/** Those that failed in the last batch become that batch again; others are spoken one by one. */
async function retryFailed({ id: projectId, segments }: ProjectDetail): Promise<void> {
  const batch = failedBatch(useStudio.getState().tasks, projectId);
  const retried = new Set(batch ? await retryBatch(batch.task_id) : []);
  for (const { id } of outlook(segments).failed.filter((one) => !retried.has(one.id)))
    await api.POST("/api/segments/{id}/generate-audio/", { params: { path: { id } } });
}

export function useRetryFailed(project: ProjectDetail) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await settleProject(project.id, project.segments);
      await retryFailed(project);
    },
    onError: (error) => toast.failed(t("narrate.generation.failedToStart"), error),
    onSettled: refetch(client, keys.project(project.id)),
  });
}
