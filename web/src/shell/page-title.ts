import { useEffect } from "react";
import { t } from "@/strings/strings";

/** Names the page in the browser's tab and history; undefined as long as the name is not known. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? t("app.title", { title }) : t("app.name");
  }, [title]);
}
