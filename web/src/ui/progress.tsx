import { Progress as Radix } from "radix-ui";
import { classes } from "./classes";

/** value and max in any unit; label is read out. */
export function Progress({
  value,
  max,
  label,
  className,
}: {
  value: number;
  max: number;
  label: string;
  className?: string;
}) {
  const share = max > 0 ? Math.min(value / max, 1) : 0;
  return (
    <Radix.Root
      value={value}
      max={Math.max(max, 1)}
      aria-label={label}
      className={classes("h-2 w-full overflow-hidden rounded-full bg-muted", className)}
    >
      <Radix.Indicator
        className="h-full rounded-full bg-primary transition-[width] duration-300"
        style={{ width: `${share * 100}%` }}
      />
    </Radix.Root>
  );
}
