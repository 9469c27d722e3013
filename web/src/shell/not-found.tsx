import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Button } from "@/ui/button";
import { Notice } from "./notice";
import { usePageTitle } from "./page-title";

/** Where an address leads nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  usePageTitle(t("notFound.title"));
  return (
    <Notice icon={Compass} title={t("notFound.title")} about={t("notFound.about")}>
      <Button asChild>
        <Link to="/narrate">{t("notFound.home")}</Link>
      </Button>
    </Notice>
  );
}
