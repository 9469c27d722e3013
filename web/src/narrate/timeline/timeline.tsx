import { Plus } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { ProjectDetail } from "@/api/client";
import { useProject } from "@/api/projects";
import { TimelineFooter } from "@/narrate/player/footer";
import { usePageTitle } from "@/shell/page-title";
import { Button } from "@/ui/button";
import { ActionsProvider, useActions, useTimelineActions } from "./actions";
import { Announcer } from "./announcer";
import { restoreDrafts } from "./drafts";
import { useSavingOnLeave } from "./leaving";
import { MoveDialog } from "./move-dialog";
import { leavePlace } from "./place";
import { SegmentList } from "./segment-list";
import { TimelineHeader } from "./timeline-header";
import { useTimelineKeys } from "./timeline-keys";
import { isGone, LoadFailed, NoSegments, TimelineSkeleton } from "./timeline-states";
import { useSegmentInAddress } from "./segment-in-address";
import { useVisibleProject } from "./visible-project";

/** A project's segments in order: where a story is written, heard and put right. */
export function Timeline() {
  const { projectId = "" } = useParams();
  const { data: project, error, refetch } = useProject(projectId);
  usePageTitle(project?.title);

  if (project && !isGone(error)) return <ProjectTimeline key={projectId} project={project} />;
  if (error) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  return <TimelineSkeleton />;
}

function ProjectTimeline({ project: served }: { project: ProjectDetail }) {
  const project = useVisibleProject(served);
  const actions = useTimelineActions(project.id);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [header, setHeader] = useState<HTMLElement | null>(null);
  const { segments } = project;

  useTimelineKeys(project.id, actions);
  useSegmentInAddress(project.id);
  useSavingOnLeave();
  useDraftsOfEarlierVisits(served);
  useEffect(() => leavePlace, []);
  useNoFileNavigation();

  return (
    <ActionsProvider value={actions}>
      <div ref={setScroller} className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain">
        <TimelineHeader project={project} ref={setHeader} />
        {segments.length === 0 ? (
          <NoSegments />
        ) : (
          <div className="mx-auto w-full max-w-5xl px-2 pb-10 sm:px-4">
            {scroller && <SegmentList segments={segments} scroller={scroller} header={header} />}
            <AddAtEnd lastId={segments.at(-1)?.id ?? null} />
          </div>
        )}
      </div>
      <TimelineFooter project={project} />
      <MoveDialog segments={segments} />
      <Announcer />
    </ActionsProvider>
  );
}

function AddAtEnd({ lastId }: { lastId: string | null }) {
  const { t } = useTranslation();
  const { insertAfter } = useActions();
  return (
    <Button
      look="quiet"
      onClick={() => void insertAfter(lastId)}
      className="mt-6 h-12 w-full border border-dashed border-input/60 text-muted-foreground"
    >
      <Plus />
      {t("narrate.segment.add")}
    </Button>
  );
}

/** Once: what is stored later is being written in another tab, and its business. */
function useDraftsOfEarlierVisits(project: ProjectDetail): void {
  const restore = useEffectEvent(() => restoreDrafts(project));
  useEffect(() => restore(), []);
}

/** A file dropped beside a card must not make the browser leave the page for it. */
function useNoFileNavigation(): void {
  useEffect(() => {
    const stop = new AbortController();
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    window.addEventListener("dragover", refuse, stop);
    window.addEventListener("drop", refuse, stop);
    return () => stop.abort();
  }, []);
}
