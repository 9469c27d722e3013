import { LoaderCircle } from "lucide-react";
import { classes } from "./classes";

/** Decoration only: what it stands for is said beside it. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={classes("size-4 animate-spin", className)} />;
}
