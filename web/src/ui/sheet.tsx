import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ignoreToasts, useLayerFocus } from "./layer-focus";
import { IconButton } from "./icon-button";

interface SheetProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  children: ReactNode;
}

/** A panel at the right edge; on a phone it takes the whole width. */
export function Sheet({ isOpen, onOpenChange, title, children }: SheetProps) {
  const { t } = useTranslation();
  const layerFocus = useLayerFocus();
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          {...layerFocus}
          onInteractOutside={ignoreToasts}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-md flex-col border-l bg-card shadow-xl outline-none"
        >
          <header className="flex items-center justify-between border-b px-4 py-3">
            <Radix.Title className="font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t("ui.close")} size="small-icon">
                <X />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="flex-1 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
