/** Short messages at the edge of the page; they are announced to screen readers. */
import { toast as sonner } from "sonner";
import { wordsOf } from "@/api/client";

interface ToastAction {
  label: string;
  onClick: () => void;
}

export const toast = {
  done: (message: string) => sonner.success(message),
  say: (message: string, action?: ToastAction, duration?: number) =>
    sonner(message, { ...(action && { action }), ...(duration !== undefined && { duration }) }),
  /** Something went wrong that can be looked at. */
  warn: (message: string, action: ToastAction) => sonner.error(message, { action, duration: 10_000 }),
  /** What failed, in a few words, and the reason as it was told. */
  failed: (what: string, error: unknown) => sonner.error(what, { description: wordsOf(error) }),
  dismiss: (id: string | number) => sonner.dismiss(id),
};
