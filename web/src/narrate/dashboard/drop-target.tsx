import { FileDown } from "lucide-react";
import { useTranslation } from "react-i18next";

/** Lies over the page while a file is held over it. */
export function DropTarget() {
  const { t } = useTranslation();
  return (
    <div className="pointer-events-none fixed inset-0 z-60 bg-background/85 p-3 backdrop-blur-xs">
      <div className="flex h-full flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-primary bg-accent/60 p-6 text-center text-accent-foreground">
        <FileDown aria-hidden className="size-12" />
        <p className="font-serif text-2xl font-semibold">{t("narrate.import.drop")}</p>
        <p className="text-sm">{t("narrate.import.dropAbout")}</p>
      </div>
    </div>
  );
}
