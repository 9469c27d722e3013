import { useTranslation } from "react-i18next";
import { type Model, useRemoveModel } from "@/api/models";
import { dataSize } from "@/strings/size";
import { Confirm } from "@/ui/confirm";
import { toast } from "@/ui/toast";
import { isInstalled, removedWith } from "./find-models";

interface RemoveModelProps {
  /** Null: nothing is asked. */
  model: Model | null;
  models: readonly Model[];
  onClose: () => void;
}

/** Asks before a model is removed: what that frees, and who does without it then. */
export function RemoveModel({ model, models, onClose }: RemoveModelProps) {
  const { t } = useTranslation();
  const remove = useRemoveModel();
  if (!model) return null;

  const { id, name } = model;
  const users = models.filter((one) => isInstalled(one) && model.needed_by.includes(one.id));
  const along = removedWith(model, models);
  const freed = [model, ...along].reduce((sum, { bytes_on_disk }) => sum + bytes_on_disk, 0);
  const about = [
    users.length > 0 && t("models.removeNeeded", { names: users.map((one) => one.name).join(", ") }),
    along.length > 0 &&
      t("models.removeAlong", { names: along.map((one) => one.name).join(", "), count: along.length }),
    t("models.removeAbout", { size: dataSize(freed) }),
  ];
  return (
    <Confirm
      isOpen
      onOpenChange={onClose}
      title={t("models.removeTitle", { name })}
      about={about.filter(Boolean).join(" ")}
      action={t("models.remove")}
      focusInstead={() => document.querySelector(`#model-${CSS.escape(id)} [data-keeps-focus]`)}
      onConfirm={() =>
        remove.mutate(id, {
          onSuccess: () => toast.done(t("models.removed", { name })),
          onError: (error) => toast.failed(t("models.removeFailed", { name }), error),
        })
      }
    />
  );
}
