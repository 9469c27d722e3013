import { FileUp, Plus } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { SearchField } from "@/ui/search-field";

interface DashboardHeaderProps {
  heading: RefObject<HTMLHeadingElement | null>;
  searchField: RefObject<HTMLInputElement | null>;
  /** What the field says, which the search follows. */
  draft: string;
  onDraftChange: (draft: string) => void;
  /** How much was found; read out when it changes. */
  status: string;
  onNew: () => void;
  onImport: () => void;
}

export function DashboardHeader({
  heading,
  searchField,
  draft,
  onDraftChange,
  status,
  onNew,
  onImport,
}: DashboardHeaderProps) {
  const { t } = useTranslation();
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold outline-none">
        {t("narrate.dashboard.title")}
      </h1>
      <p role="status" className="min-w-0 text-sm wrap-anywhere text-muted-foreground">
        {status}
      </p>
      <div className="flex grow flex-wrap items-center justify-end gap-2">
        <SearchField
          ref={searchField}
          label={t("narrate.dashboard.search")}
          hint={t("narrate.dashboard.searchHint")}
          shortcut="/"
          value={draft}
          onChange={onDraftChange}
        />
        <Button look="outline" aria-keyshortcuts="i" className="max-sm:grow" onClick={onImport}>
          <FileUp />
          {t("narrate.import.action")}
        </Button>
        <Button aria-keyshortcuts="n" className="max-sm:grow" onClick={onNew}>
          <Plus />
          {t("narrate.dashboard.new")}
        </Button>
      </div>
    </header>
  );
}
