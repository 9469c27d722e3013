/** Says when a model has come, or could not, wherever on the page one is; toasts are read out politely. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { isUnderWay, type ModelList, type Pull } from "@/api/models";
import { useStudio } from "@/api/events";
import { keys } from "@/api/keys";
import { t } from "@/strings/strings";
import { toast } from "@/ui/toast";

const nameOf = (client: QueryClient, id: string) =>
  client.getQueryData<ModelList>(keys.modelList)?.items.find((model) => model.id === id)?.name ?? id;

/** Those that were under way a moment ago. */
function endedOf(pulls: readonly Pull[], before: readonly Pull[]): Pull[] {
  const running = new Set(before.filter(isUnderWay).map(({ model }) => model));
  return pulls.filter((pull) => running.has(pull.model) && !isUnderWay(pull));
}

/** Where the row of the model says why. */
const isTold = () => globalThis.location.pathname.startsWith("/models");

export function usePullEnds(): void {
  const client = useQueryClient();
  const navigate = useNavigate();

  useEffect(() => {
    const tell = ({ model, state }: Pull) => {
      const name = nameOf(client, model);
      if (state === "done") toast.done(t("models.pull.done", { name }));
      else if (state === "failed" && !isTold())
        toast.warn(t("models.pull.failedToast", { name }), {
          label: t("models.pull.show"),
          onClick: () => void navigate(`/models#model-${model}`),
        });
    };
    return useStudio.subscribe(({ pulls }, before) => {
      if (pulls !== before.pulls) for (const pull of endedOf(pulls, before.pulls)) tell(pull);
    });
  }, [client, navigate]);
}
