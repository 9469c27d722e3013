import { Film } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Tip } from "@/ui/tip";

/** Shown, so that people know of it; not to be used yet. */
export function ExportVideo() {
  const { t } = useTranslation();
  return (
    <Tip text={t("narrate.generation.exportLater")}>
      <Button look="outline" aria-disabled>
        <Film aria-hidden /> {t("narrate.generation.exportVideo")}
      </Button>
    </Tip>
  );
}
