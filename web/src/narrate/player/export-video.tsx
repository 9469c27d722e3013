import { Film } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Tip } from "@/ui/tip";

/** Shown, so that people know of it; not to be used yet. */
export function ExportVideo() {
  const { t } = useTranslation();
  return (
    <Tip text={t("narrate.generation.exportLater")}>
      <Button look="outline" aria-disabled className="max-sm:size-9 max-sm:px-0">
        <Film aria-hidden /> <span className="max-sm:sr-only">{t("narrate.generation.exportVideo")}</span>
      </Button>
    </Tip>
  );
}
