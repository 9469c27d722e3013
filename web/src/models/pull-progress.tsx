import { useTranslation } from "react-i18next";
import { isUnderWay, type Model, useCancelPull, usePull, useStartPull, type Pull } from "@/api/models";
import { dataSize } from "@/strings/size";
import { timeLeft } from "@/strings/time";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Progress } from "@/ui/progress";
import { toast } from "@/ui/toast";
import { usePullSpeeds } from "./pull-speeds";
import { useStandstill } from "./use-standstill";

/** How far the getting of a model is, and why it failed; nothing when neither. */
export function PullProgress({ model }: { model: Model }) {
  const pull = usePull(model);
  if (!pull) return null;
  if (isUnderWay(pull)) return <Running model={model} pull={pull} />;
  return pull.state === "failed" && model.state !== "installed" ? (
    <Failure model={model} reason={pull.error} />
  ) : null;
}

function Running({ model, pull }: { model: Model; pull: Pull }) {
  const { t } = useTranslation();
  const cancel = useCancelPull();
  const isStill = useStandstill(pull);
  const { bytes_done, bytes_total, state } = pull;
  const words = t(`models.pull.${state as "waiting" | "downloading" | "preparing"}`, {
    done: dataSize(bytes_done),
    total: dataSize(bytes_total),
  });

  return (
    <div className="flex items-center gap-3">
      <div className="flex min-w-0 grow flex-col gap-1">
        <p className="flex flex-wrap justify-between gap-x-3 text-sm tabular-nums">
          <span>{words}</span>
          {isStill ? (
            <span className="text-muted-foreground">{t("models.pull.still")}</span>
          ) : (
            <Speed pull={pull} />
          )}
        </p>
        <Progress
          value={bytes_done}
          max={bytes_total}
          label={`${model.name}: ${words}`}
          className={classes((isStill || state === "preparing") && "motion-safe:animate-pulse")}
        />
      </div>
      <Button
        look="outline"
        size="small"
        aria-label={t("models.pull.cancel", { name: model.name })}
        aria-disabled={cancel.isPending}
        onClick={() =>
          cancel.mutate(model.id, { onError: (error) => toast.failed(t("models.pull.cancelFailed"), error) })
        }
      >
        {t("ui.cancel")}
      </Button>
    </div>
  );
}

function Speed({ pull: { model, bytes_done, bytes_total, state } }: { pull: Pull }) {
  const { t } = useTranslation();
  const speed = usePullSpeeds((speeds) => speeds[model] ?? 0);
  if (state !== "downloading" || speed <= 0) return null;
  const left = Math.max(0, bytes_total - bytes_done) / speed;
  return (
    <span className="text-muted-foreground">
      {t("models.pull.speed", { speed: dataSize(speed) })} · {timeLeft(left)}
    </span>
  );
}

function Failure({ model, reason }: { model: Model; reason: string | null }) {
  const { t } = useTranslation();
  const start = useStartPull();
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-md bg-bad-ground p-3 text-sm text-bad"
    >
      <p className="wrap-anywhere">{t("models.pull.failed", { reason: reason ?? "" })}</p>
      <Button
        look="outline"
        size="small"
        aria-disabled={start.isPending}
        onClick={() =>
          start.mutate(model.id, { onError: (error) => toast.failed(t("models.pull.notStarted"), error) })
        }
      >
        {t("models.pull.retry")}
      </Button>
    </div>
  );
}
