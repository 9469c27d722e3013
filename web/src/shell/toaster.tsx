import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { Toaster as Sonner } from "sonner";
import { useScheme } from "./theme";

const colours = {
  "--normal-bg": "var(--card)",
  "--normal-text": "var(--foreground)",
  "--normal-border": "var(--border)",
} as CSSProperties;

/** Where toasts appear: above the place where a page may have a footer of its own. */
export function Toaster() {
  const { t } = useTranslation();
  return (
    <Sonner
      theme={useScheme()}
      position="bottom-right"
      offset={{ bottom: "6rem", right: "1.5rem" }}
      mobileOffset={{ bottom: "7.5rem", left: "1rem", right: "1rem" }}
      containerAriaLabel={t("shell.toasts")}
      style={colours}
      closeButton
      toastOptions={{ closeButtonAriaLabel: t("ui.close") }}
    />
  );
}
