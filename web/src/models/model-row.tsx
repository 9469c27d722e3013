import { ChevronDown } from "lucide-react";
import { memo, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { isUnderWay, type Model, usePull } from "@/api/models";
import { dataSize } from "@/strings/size";
import { Badge } from "@/ui/badge";
import { classes } from "@/ui/classes";
import { IconButton } from "@/ui/icon-button";
import { isInstalled, languagesOf } from "./find-models";
import { ModelActions } from "./model-actions";
import { ModelDetails } from "./model-details";
import { PullProgress } from "./pull-progress";
import { useKeptFocus } from "./use-kept-focus";

/** Longer lists of languages are in the details. */
const LANGUAGES_SHOWN = 3;

interface ModelRowProps {
  model: Model;
  onRemove: (model: Model) => void;
}

/** A model: what it is, whether it is here, and what can be done with it. Rows out of sight are not laid out. */
export const ModelRow = memo(function ModelRow({ model, onRemove }: ModelRowProps) {
  const { t } = useTranslation();
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const keptFocus = useKeptFocus(`${model.state} ${usePull(model)?.state ?? ""}`);
  const [problems, setProblems] = useState<readonly string[]>([]);

  return (
    <li
      id={`model-${model.id}`}
      className="p-4 [contain-intrinsic-size:auto_5rem] [content-visibility:auto] target:bg-accent"
    >
      <article aria-labelledby={id} className="flex flex-col gap-3" {...keptFocus}>
        <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
          <div className="flex min-w-0 flex-1 flex-col gap-1">
            <h3 id={id} className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium wrap-anywhere">
              {model.name} <StateBadge model={model} />
            </h3>
            <Facts model={model} />
          </div>
          <ModelActions model={model} onRemove={() => onRemove(model)} onVerified={setProblems} />
          <IconButton
            size="small-icon"
            label={t("models.detailsOf", { name: model.name })}
            data-keeps-focus
            aria-expanded={isOpen}
            aria-controls={`${id}-details`}
            onClick={() => setIsOpen(!isOpen)}
          >
            <ChevronDown className={classes("transition-transform", isOpen && "rotate-180")} />
          </IconButton>
        </div>
        <PullProgress model={model} />
        {problems.length > 0 && <Problems problems={problems} />}
        <div id={`${id}-details`} className="empty:hidden">
          {isOpen && <ModelDetails model={model} />}
        </div>
      </article>
    </li>
  );
});

function StateBadge({ model }: { model: Model }) {
  const { t } = useTranslation();
  const pull = usePull(model);
  if (pull && isUnderWay(pull)) return <Badge tone="busy">{t("models.state.pulling")}</Badge>;
  if (model.is_loaded) return <Badge tone="good">{t("models.state.loaded")}</Badge>;
  if (model.state === "installed") return <Badge tone="good">{t("models.state.installed")}</Badge>;
  if (model.state === "partial") return <Badge tone="bad">{t("models.state.partial")}</Badge>;
  return model.is_default ? <Badge>{t("models.recommended")}</Badge> : null;
}

function Facts({ model }: { model: Model }) {
  const { t } = useTranslation();
  const { size, bytes_on_disk } = model;
  const languages = languagesOf(model);
  const more = languages.length - LANGUAGES_SHOWN;
  const shown = languages.slice(0, LANGUAGES_SHOWN).join(", ");
  const facts = [
    isInstalled(model) && bytes_on_disk > 0
      ? t("models.onDisk", { size: dataSize(bytes_on_disk) })
      : size > 0 && dataSize(size),
    more > 0 ? t("models.languages", { languages: shown, count: more }) : shown,
    model.licence,
  ].filter(Boolean);
  return <p className="text-sm text-muted-foreground">{facts.join(" · ")}</p>;
}

function Problems({ problems }: { problems: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="rounded-md bg-bad-ground p-3 text-sm text-bad">
      <p className="font-semibold">{t("models.broken")}</p>
      <ul className="mt-1 list-disc pl-5">
        {problems.map((problem) => (
          <li key={problem} className="wrap-anywhere">
            {problem}
          </li>
        ))}
      </ul>
    </div>
  );
}
