import { FileDown } from "lucide-react";

/** Lies over the page while a file is held over it. */
export function DropTarget({ title, about }: { title: string; about: string }) {
  return (
    <div className="pointer-events-none fixed inset-0 z-60 bg-background/85 p-3 backdrop-blur-xs">
      <div className="flex h-full flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-primary bg-accent/60 p-6 text-center text-accent-foreground">
        <FileDown aria-hidden className="size-12" />
        <p className="font-serif text-2xl font-semibold">{title}</p>
        <p className="text-sm">{about}</p>
      </div>
    </div>
  );
}
