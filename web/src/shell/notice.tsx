import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface NoticeProps {
  icon: LucideIcon;
  title: string;
  about: string;
  /** What can be done about it. */
  children: ReactNode;
}

/** A page that has only something to say. */
export function Notice({ icon: Icon, title, about, children }: NoticeProps) {
  return (
    <div className="m-auto flex max-w-md flex-col items-center gap-3 px-6 py-16 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-muted text-muted-foreground">
        <Icon aria-hidden className="size-6" />
      </span>
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="text-sm text-muted-foreground">{about}</p>
      <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>
    </div>
  );
}

/** A line below the page's header: what is wrong with all of it. */
export function NoticeBar({ icon: Icon, children }: Pick<NoticeProps, "icon" | "children">) {
  return (
    <p className="flex items-center justify-center gap-2 bg-bad-ground px-4 py-1.5 text-sm text-bad">
      <Icon aria-hidden className="size-4 shrink-0" />
      {children}
    </p>
  );
}
