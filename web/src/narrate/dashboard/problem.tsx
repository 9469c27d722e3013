import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { wordsOf } from "@/api/client";
import { StoryFileError } from "./story-file";

const reasonOf = (error: unknown) => (error instanceof StoryFileError ? error.message : wordsOf(error));

/** What failed and why, read out at once; children: what can be done about it. */
export function Problem({ title, error, children }: { title: string; error: unknown; children?: ReactNode }) {
  return (
    <section role="alert" className="flex gap-3 rounded-lg bg-bad-ground p-4 text-bad">
      <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0" />
      <div className="flex min-w-0 flex-col items-start gap-2 text-sm">
        <p className="font-semibold">{title}</p>
        <p className="max-w-prose wrap-anywhere">{reasonOf(error)}</p>
        {children}
      </div>
    </section>
  );
}
