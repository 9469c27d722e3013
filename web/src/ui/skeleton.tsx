import { useTranslation } from "react-i18next";
import { classes } from "./classes";

/** A grey shape where something will be. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes("animate-pulse rounded-md bg-muted", className)} />;
}

/** So many rows of what is being loaded; read out as that. */
export function SkeletonList({ count, className }: { count: number; className?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">{t("ui.loading")}</span>
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} className={classes("h-20 w-full", className)} />
      ))}
    </div>
  );
}
