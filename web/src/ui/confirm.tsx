import { AlertDialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { useLayerFocus } from "./layer-focus";

interface ConfirmProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  about: string;
  /** What the button that does it says. */
  action: string;
  onConfirm: () => void;
  /** What gets the focus when what had it is gone afterwards. */
  focusInstead?: () => HTMLElement | null;
}

/** Asks before something that cannot be undone. */
export function Confirm({
  isOpen,
  onOpenChange,
  title,
  about,
  action,
  onConfirm,
  focusInstead,
}: ConfirmProps) {
  const { t } = useTranslation();
  const layerFocus = useLayerFocus(focusInstead);
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <AlertDialog.Content
          {...layerFocus}
          className="fixed top-1/2 left-1/2 z-50 flex w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 flex-col gap-4 rounded-xl border bg-card p-6 shadow-xl"
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-sm text-muted-foreground">{about}</AlertDialog.Description>
          <footer className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <AlertDialog.Cancel asChild>
              <Button look="outline">{t("ui.cancel")}</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {action}
              </Button>
            </AlertDialog.Action>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
