import { PLAIN_ENGINE } from "./find-models";
import { Download, EllipsisVertical, ShieldCheck, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import {
  isUnderWay,
  type Model,
  useLoadModel,
  usePull,
  useStartPull,
  useUnloadModel,
  useVerifyModel,
} from "@/api/models";
import { dataSize } from "@/strings/size";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";

interface ModelActionsProps {
  model: Model;
  onRemove: () => void;
  /** What is wrong with its files. */
  onVerified: (problems: readonly string[]) => void;
}

export function ModelActions({ model, onRemove, onVerified }: ModelActionsProps) {
  const pull = usePull(model);
  if (pull && isUnderWay(pull)) return null;
  const hasFailed = pull?.state === "failed"; // and offers to try again
  return (
    <div className="flex items-center gap-1 empty:hidden max-sm:order-last max-sm:basis-full">
      {model.state === "installed" && <LoadButton model={model} />}
      {model.state !== "installed" && !hasFailed && <GetButton model={model} />}
      {model.state !== "absent" && model.is_ours && (
        <MoreMenu model={model} onRemove={onRemove} onVerified={onVerified} />
      )}
    </div>
  );
}

function GetButton({ model }: { model: Model }) {
  const { t } = useTranslation();
  const start = useStartPull();
  const isPartial = model.state === "partial";
  const { name, size } = model;
  const label = isPartial
    ? t("models.getRestOf", { name })
    : size > 0
      ? t("models.getOf", { name, size: dataSize(size) })
      : t("models.getUnsized", { name });
  return (
    <Button
      look={model.is_default || isPartial ? "primary" : "outline"}
      size="small"
      aria-label={label}
      aria-disabled={start.isPending}
      onClick={() =>
        start.mutate(model.id, { onError: (error) => toast.failed(t("models.pull.notStarted"), error) })
      }
    >
      <Download aria-hidden />
      {t(isPartial ? "models.getRest" : "models.get")}
    </Button>
  );
}

/** Kinds that are loaded by themselves; the others come along with one of these. */
const isLoadable = ({ kind, engine }: Model) =>
  engine !== PLAIN_ENGINE && (kind === "speech" || kind === "transcription");

function LoadButton({ model }: { model: Model }) {
  const { t } = useTranslation();
  const load = useLoadModel();
  const unload = useUnloadModel();
  if (!isLoadable(model)) return null;
  const { name } = model;
  const { mutate, isPending } = model.is_loaded ? unload : load;
  const act = () => {
    if (isPending) return;
    const failed = t(model.is_loaded ? "models.unloadFailed" : "models.loadFailed", { name });
    mutate(model.id, { onError: (error) => toast.failed(failed, error) });
  };
  return (
    <Button
      look="outline"
      size="small"
      aria-label={t(model.is_loaded ? "models.unloadOf" : "models.loadOf", { name })}
      aria-disabled={isPending}
      onClick={act}
    >
      {isPending && <Spinner />}
      {t(
        isPending && !model.is_loaded ? "models.loading" : model.is_loaded ? "models.unload" : "models.load",
      )}
    </Button>
  );
}

function MoreMenu({ model, onRemove, onVerified }: ModelActionsProps) {
  const { t } = useTranslation();
  const verify = useVerifyModel();
  const { name } = model;
  const check = () =>
    verify.mutate(model.id, {
      onSuccess: ({ is_whole, problems }) => {
        onVerified(problems);
        if (is_whole) toast.done(t("models.whole", { name }));
      },
      onError: (error) => toast.failed(t("models.verifyFailed", { name }), error),
    });
  return (
    <Menu
      trigger={
        <Button
          look="quiet"
          size="small-icon"
          aria-label={t(verify.isPending ? "models.verifying" : "models.more", { name })}
        >
          {verify.isPending ? <Spinner /> : <EllipsisVertical />}
        </Button>
      }
    >
      <MenuItem disabled={verify.isPending} onSelect={check}>
        <ShieldCheck />
        {t("models.verify")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem isDangerous onSelect={onRemove}>
        <Trash2 />
        {t("models.remove")}
      </MenuItem>
    </Menu>
  );
}
