/** What the timeline shows when it has no segments to show. */
import { BookX, Feather, Plus, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, wordsOf } from "@/api/client";
import { Notice } from "@/shell/notice";
import { Button } from "@/ui/button";
import { useActions } from "./actions";

const ROWS = [3, 2, 4];

export function TimelineSkeleton() {
  const { t } = useTranslation();
  return (
    <div className="mx-auto flex w-full max-w-5xl animate-pulse flex-col gap-6 p-4" aria-busy>
      <p role="status" className="sr-only">
        {t("narrate.timeline.loading")}
      </p>
      <div aria-hidden className="h-10 w-2/3 rounded-md bg-muted" />
      {ROWS.map((lines, row) => (
        <div key={row} aria-hidden className="flex flex-col gap-3 rounded-xl border bg-card p-5">
          <div className="h-4 w-28 rounded bg-muted" />
          {Array.from({ length: lines }, (_, line) => (
            <div key={line} className="h-4 rounded bg-muted last:w-3/5" />
          ))}
        </div>
      ))}
    </div>
  );
}

/** It was deleted, maybe elsewhere while it was shown here. */
export const isGone = (error: Error | null) => error instanceof ApiError && error.status === 404;

interface LoadFailedProps {
  error: Error;
  onRetry: () => void;
}

export function LoadFailed({ error, onRetry }: LoadFailedProps) {
  const { t } = useTranslation();
  const isMissing = isGone(error);
  return (
    <Notice
      icon={isMissing ? BookX : TriangleAlert}
      title={t(isMissing ? "narrate.timeline.notFound" : "narrate.timeline.loadFailed")}
      about={isMissing ? t("narrate.timeline.notFoundAbout") : wordsOf(error)}
    >
      {!isMissing && <Button onClick={onRetry}>{t("narrate.timeline.retry")}</Button>}
      <Button asChild look={isMissing ? "primary" : "outline"}>
        <Link to="/narrate">{t("narrate.timeline.back")}</Link>
      </Button>
    </Notice>
  );
}

export function NoSegments() {
  const { t } = useTranslation();
  const { insertAfter } = useActions();
  return (
    <div className="m-auto flex max-w-md flex-col items-center gap-3 px-6 py-16 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-accent text-accent-foreground">
        <Feather aria-hidden className="size-6" />
      </span>
      <h2 className="font-serif text-xl font-semibold">{t("narrate.timeline.empty")}</h2>
      <p className="text-sm text-muted-foreground">{t("narrate.timeline.emptyAbout")}</p>
      <Button className="mt-2" onClick={() => void insertAfter(null)}>
        <Plus />
        {t("narrate.timeline.writeFirst")}
      </Button>
    </div>
  );
}
