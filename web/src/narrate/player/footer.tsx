/** Below the timeline: speaking all of it, hearing all of it. */
import { useTranslation } from "react-i18next";
import type { ProjectDetail } from "@/api/client";
import { useAnnounceReady } from "./announce-ready";
import { useBatch } from "./batch";
import { BatchProgress } from "./batch-progress";
import { ExportVideo } from "./export-video";
import { GenerateAll } from "./generate-all";
import { PlayAll } from "./play-all";

export function TimelineFooter({ project }: { project: ProjectDetail }) {
  const { t } = useTranslation();
  const batch = useBatch(project.id);
  useAnnounceReady(project.segments);
  return (
    <section aria-label={t("narrate.generation.heading")} className="sticky bottom-0 z-10 border-t bg-card">
      <div className="mx-auto flex max-w-5xl flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3 max-sm:py-2">
        {batch ? <BatchProgress task={batch} /> : <GenerateAll project={project} />}
        <PlayAll project={project} />
        <ExportVideo />
      </div>
    </section>
  );
}
