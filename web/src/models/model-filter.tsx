import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { SearchField } from "@/ui/search-field";

interface ModelFilterProps {
  /** What the field says, which the search follows. */
  draft: string;
  onDraftChange: (draft: string) => void;
  isOnlyInstalled: boolean;
  onOnlyInstalledChange: (isOn: boolean) => void;
  /** How many models are shown; read out when it changes. */
  count: number;
}

/** Which models are shown. */
export function ModelFilter({
  draft,
  onDraftChange,
  isOnlyInstalled,
  onOnlyInstalledChange,
  count,
}: ModelFilterProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);

  useShortcut("/", () => field.current?.focus(), { group: t("models.tab"), label: t("models.search") });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <SearchField
        ref={field}
        label={t("models.search")}
        hint={t("models.searchHint")}
        shortcut="/"
        value={draft}
        onChange={onDraftChange}
      />
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-primary"
          checked={isOnlyInstalled}
          onChange={({ target }) => onOnlyInstalledChange(target.checked)}
        />
        {t("models.onlyInstalled")}
      </label>
      <p role="status" className="text-sm text-muted-foreground tabular-nums sm:ml-auto">
        {t("models.count", { count })}
      </p>
    </div>
  );
}
