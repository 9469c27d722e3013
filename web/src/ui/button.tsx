import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { classes } from "./classes";

const looks = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md text-sm font-medium whitespace-nowrap transition-colors select-none disabled:pointer-events-none disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-primary text-primary-foreground hover:bg-primary/90",
        outline: "border border-input bg-card hover:bg-accent hover:text-accent-foreground",
        quiet: "hover:bg-accent hover:text-accent-foreground",
        danger: "bg-bad text-background hover:bg-bad/90",
        link: "text-primary underline underline-offset-4",
      },
      size: { normal: "h-9 px-4", small: "h-8 px-3", icon: "size-9", "small-icon": "size-8" },
    },
    defaultVariants: { look: "primary", size: "normal" },
  },
);

export type ButtonProps = ComponentProps<"button"> & VariantProps<typeof looks> & { asChild?: boolean };

export function Button({ className, look, size, asChild = false, type, ...props }: ButtonProps) {
  const Root = asChild ? Slot.Root : "button";
  return (
    <Root
      type={asChild ? type : (type ?? "button")}
      className={classes(looks({ look, size }), className)}
      {...props}
    />
  );
}
