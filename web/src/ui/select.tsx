import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { classes } from "./classes";

/** The browser's own list: it is at home on every device. Its options are its children. */
export function Select({ className, children, ...props }: ComponentProps<"select">) {
  return (
    <span className={classes("relative block min-w-0", className)}>
      <select
        className="h-9 w-full appearance-none truncate rounded-md border border-input bg-card pr-9 pl-3 text-sm disabled:opacity-50 aria-invalid:border-bad"
        {...props}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-2.5 right-3 size-4 text-muted-foreground"
      />
    </span>
  );
}
