import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

interface ProblemProps {
  title: string;
  /** Why, in words for people. */
  reason: string;
  /** What can be done about it. */
  children?: ReactNode;
}

/** What failed and why, read out at once. */
export function Problem({ title, reason, children }: ProblemProps) {
  return (
    <section role="alert" className="flex gap-3 rounded-lg bg-bad-ground p-4 text-bad">
      <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0" />
      <div className="flex min-w-0 flex-col items-start gap-2 text-sm">
        <p className="font-semibold">{title}</p>
        <p className="max-w-prose wrap-anywhere">{reason}</p>
        {children}
      </div>
    </section>
  );
}
