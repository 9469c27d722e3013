import type { ReactNode } from "react";
import { Button, type ButtonProps } from "./button";
import { Tip } from "./tip";

/** A button that is only a picture: its label is read out, and shown as a tip. */
export function IconButton({
  label,
  children,
  ...props
}: ButtonProps & { label: string; children: ReactNode }) {
  return (
    <Tip text={label}>
      <Button look="quiet" size="icon" aria-label={label} {...props}>
        {children}
      </Button>
    </Tip>
  );
}
