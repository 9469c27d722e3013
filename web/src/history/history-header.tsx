import { Settings2, Trash2 } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryType } from "@/api/history";
import { Button } from "@/ui/button";
import { RadioBar } from "@/ui/radio-bar";
import { SearchField } from "@/ui/search-field";

interface HistoryHeaderProps {
  type: HistoryType | undefined;
  onTypeChange: (type: HistoryType | undefined) => void;
  searchField: RefObject<HTMLInputElement | null>;
  /** What the field says, which the search follows. */
  draft: string;
  onDraftChange: (draft: string) => void;
  /** How much was found; read out when it changes. */
  status: string;
  canClear: boolean;
  onClear: () => void;
  onSettings: () => void;
}

const ALL = "all";

export function HistoryHeader(props: HistoryHeaderProps) {
  const { type, onTypeChange, searchField, draft, onDraftChange, status, canClear } = props;
  const { t } = useTranslation();
  return (
    <header className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 tabIndex={-1} className="text-2xl font-semibold outline-none">
          {t("history.tab")}
        </h1>
        <p role="status" className="min-w-0 grow text-sm wrap-anywhere text-muted-foreground">
          {status}
        </p>
        <Button look="outline" size="small" onClick={props.onSettings}>
          <Settings2 aria-hidden />
          {t("history.settings.open")}
        </Button>
        {canClear && (
          <Button look="outline" size="small" onClick={props.onClear}>
            <Trash2 aria-hidden />
            {t("history.clear")}
          </Button>
        )}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <RadioBar<HistoryType | typeof ALL>
          label={t("history.filter.label")}
          value={type ?? ALL}
          choices={([ALL, "tts", "stt"] as const).map((value) => ({
            value,
            name: t(`history.filter.${value}`),
          }))}
          onChange={(value) => onTypeChange(value === ALL ? undefined : value)}
        />
        <SearchField
          ref={searchField}
          label={t("history.search")}
          hint={t("history.searchHint")}
          shortcut="/"
          value={draft}
          onChange={onDraftChange}
        />
      </div>
    </header>
  );
}
