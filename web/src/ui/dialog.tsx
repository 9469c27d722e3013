import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "./classes";
import { ignoreToasts, useLayerFocus } from "./layer-focus";
import { IconButton } from "./icon-button";

interface DialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** A sentence below the title, read out with it. */
  about?: string;
  /** A wider one, for what has to be looked through. */
  isWide?: boolean;
  /** Once it is gone and focus is back where it was. */
  onClosed?: () => void;
  children: ReactNode;
}

export function Dialog({
  isOpen,
  onOpenChange,
  title,
  about,
  isWide = false,
  onClosed,
  children,
}: DialogProps) {
  const { t } = useTranslation();
  const layerFocus = useLayerFocus();
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          onInteractOutside={ignoreToasts}
          onOpenAutoFocus={layerFocus.onOpenAutoFocus}
          onCloseAutoFocus={(event) => {
            layerFocus.onCloseAutoFocus(event);
            onClosed?.();
          }}
          {...(about === undefined && { "aria-describedby": undefined })}
          className={classes(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 overflow-y-auto rounded-xl border bg-card p-6 shadow-xl outline-none",
            isWide ? "max-w-3xl" : "max-w-lg",
          )}
        >
          <header className="flex flex-col gap-1 pr-8">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            {about !== undefined && (
              <Radix.Description className="text-sm text-muted-foreground">{about}</Radix.Description>
            )}
          </header>
          {children}
          <Radix.Close asChild>
            <IconButton label={t("ui.close")} className="absolute top-4 right-4" size="small-icon">
              <X />
            </IconButton>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogButtons({ children }: { children: ReactNode }) {
  return <footer className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</footer>;
}
