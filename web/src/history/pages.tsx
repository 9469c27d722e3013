import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ENTRIES_A_PAGE } from "@/api/history";
import { Button } from "@/ui/button";

interface PagesProps {
  /** From 1. */
  page: number;
  /** Entries on all pages. */
  total: number;
  onTurn: (page: number) => void;
}

export const pageCount = (total: number) => Math.max(1, Math.ceil(total / ENTRIES_A_PAGE));

/** Turns pages; nothing where there is one only. */
export function Pages({ page, total, onTurn }: PagesProps) {
  const { t } = useTranslation();
  const count = pageCount(total);
  if (count === 1) return null;
  const first = (page - 1) * ENTRIES_A_PAGE + 1;
  const turn = (to: number) => {
    if (to >= 1 && to <= count) onTurn(to);
  };
  return (
    <nav aria-label={t("history.pages.label")} className="flex items-center justify-center gap-4">
      <Button look="outline" size="small" aria-disabled={page <= 1} onClick={() => turn(page - 1)}>
        <ChevronLeft aria-hidden />
        {t("history.pages.previous")}
      </Button>
      <span className="text-sm text-muted-foreground tabular-nums">
        {t("history.pages.range", { first, last: Math.min(first + ENTRIES_A_PAGE - 1, total), total })}
      </span>
      <Button look="outline" size="small" aria-disabled={page >= count} onClick={() => turn(page + 1)}>
        {t("history.pages.next")}
        <ChevronRight aria-hidden />
      </Button>
    </nav>
  );
}
