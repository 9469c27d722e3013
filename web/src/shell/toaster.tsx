import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { Toaster as Sonner } from "sonner";
import { useMedia } from "./media";
import { useScheme } from "./theme";

const colours = {
  "--normal-bg": "var(--card)",
  "--normal-text": "var(--foreground)",
  "--normal-border": "var(--border)",
} as CSSProperties;

/** Sonner's own width of a phone: there its toasts are as wide as the page. */
const PHONE = "(max-width: 600px)";

/** Where toasts appear: never over a page's footer, which is one row high, and any height on a phone. */
export function Toaster() {
  const { t } = useTranslation();
  const isPhone = useMedia(PHONE);
  return (
    <Sonner
      theme={useScheme()}
      position={isPhone ? "top-center" : "bottom-right"}
      offset={{ bottom: "5.5rem", right: "1.5rem" }}
      mobileOffset={{ top: "4.25rem", left: "1rem", right: "1rem" }}
      containerAriaLabel={t("shell.toasts")}
      style={colours}
      className="pointer-events-auto" // in front of dialogs, too
      closeButton
      toastOptions={{ closeButtonAriaLabel: t("ui.close"), classNames: { closeButton: "size-6!" } }}
    />
  );
}
