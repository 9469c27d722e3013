import { Download, EarOff } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Model, useIsPulling, useModels, useStartPull } from "@/api/models";
import { missingToHear } from "@/models/find-models";
import { PullProgress } from "@/models/pull-progress";
import { dataSize } from "@/strings/size";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { holdTranscriptions } from "./transcriptions";

/** While nothing here can hear: what is missing, how to get it, and how far that is. Recordings wait for it. */
export function ModelNeeded() {
  const { t } = useTranslation();
  const { data } = useModels();
  const missing = data ? missingToHear(data.items) : [];
  const isMissing = missing.length > 0;
  useEffect(() => holdTranscriptions(isMissing), [isMissing]);
  if (!isMissing) return null;

  return (
    <section
      aria-label={t("transcribe.model.title")}
      className="flex flex-col gap-3 rounded-xl border bg-card p-4 text-sm"
    >
      <div className="flex items-start gap-3">
        <EarOff aria-hidden className="mt-0.5 size-5 shrink-0 text-muted-foreground" />
        <div className="flex flex-col gap-1">
          <h2 className="font-semibold">{t("transcribe.model.title")}</h2>
          <p className="max-w-prose text-muted-foreground">
            {t("transcribe.model.about")}{" "}
            <Link to="/models" className="text-primary underline underline-offset-4">
              {t("transcribe.model.link")}
            </Link>
          </p>
        </div>
      </div>
      <div className="flex flex-col gap-2 empty:hidden">
        {missing.map((model) => (
          <PullProgress key={model.id} model={model} />
        ))}
      </div>
      <GetAll models={missing} />
    </section>
  );
}

function GetAll({ models }: { models: readonly Model[] }) {
  const { t } = useTranslation();
  const start = useStartPull();
  const isPulling = useIsPulling(models);
  if (isPulling) return null;
  const getAll = () => {
    for (const { id } of models)
      start.mutate(id, { onError: (error) => toast.failed(t("models.pull.notStarted"), error) });
  };
  const size = dataSize(models.reduce((sum, model) => sum + model.size, 0));
  return (
    <Button className="self-start" aria-disabled={start.isPending} onClick={getAll}>
      <Download aria-hidden />
      {t("transcribe.model.get", { size })}
    </Button>
  );
}
