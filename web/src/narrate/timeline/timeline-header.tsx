import { ArrowLeft, EllipsisVertical, ListOrdered, Pencil, Trash2 } from "lucide-react";
import { type Ref, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { ProjectDetail } from "@/api/client";
import { useDeleteProject } from "@/api/projects";
import { ProjectStatus } from "@/narrate/dashboard/project-status";
import { VoiceBar } from "@/narrate/voice/voice-bar";
import { lengthOf } from "@/strings/time";
import { Confirm } from "@/ui/confirm";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { goTo, usePlace } from "./place";
import { PositionDialog } from "./position-dialog";
import { ProjectTitle } from "./project-title";

interface TimelineHeaderProps {
  project: ProjectDetail;
  ref: Ref<HTMLElement>;
}

/** What the project is called, how far it is, and what can be done with it as a whole. */
export function TimelineHeader({ project, ref }: TimelineHeaderProps) {
  const { t } = useTranslation();
  const [isRenaming, setIsRenaming] = useState(false);
  return (
    <header ref={ref} className="z-10 border-b bg-background/95 backdrop-blur-sm sm:sticky sm:top-0">
      <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-3 gap-y-2 px-3 py-3 sm:flex-nowrap sm:px-4">
        <IconButton asChild label={t("narrate.timeline.back")} className="-mr-1">
          <Link to="/narrate">
            <ArrowLeft />
          </Link>
        </IconButton>
        <div className="min-w-0 flex-1 basis-0">
          <ProjectTitle project={project} isEditing={isRenaming} onEdit={setIsRenaming} />
          <Facts project={project} />
        </div>
        <div className="order-last flex w-full min-w-0 sm:order-none sm:w-auto sm:max-w-64">
          <VoiceBar sample={sampleOf(project)} />
        </div>
        <TimelineMenu project={project} onRename={() => setIsRenaming(true)} />
      </div>
    </header>
  );
}

const sampleOf = ({ segments }: ProjectDetail) =>
  segments.find(({ text_content }) => text_content.trim() !== "")?.text_content;

/** A line ends between two facts only. */
const unbroken = (fact: string | false) => fact && fact.replaceAll(" ", "\u00a0");

function Facts({ project }: { project: ProjectDetail }) {
  const { t } = useTranslation();
  const facts = [
    t("narrate.timeline.segments", { count: project.segment_count }),
    project.segment_count > 0 && t("narrate.timeline.ready", { count: project.audio_count }),
    project.stale_count > 0 && t("narrate.timeline.stale", { count: project.stale_count }),
    project.locked_count > 0 && t("narrate.timeline.locked", { count: project.locked_count }),
    project.duration > 0 && lengthOf(project.duration),
  ];
  return (
    <div className="flex items-baseline gap-2 px-1.5">
      <ProjectStatus status={project.status} />
      <p className="min-w-0 text-xs wrap-anywhere text-muted-foreground tabular-nums">
        {[project.author, ...facts.map(unbroken)].filter(Boolean).join(" ·\u00a0")}
      </p>
    </div>
  );
}

function TimelineMenu({ project, onRename }: { project: ProjectDetail; onRename: () => void }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<"jump" | "delete" | null>(null);
  const count = project.segments.length;
  const currentId = usePlace((place) => place.currentId);
  const current = project.segments.findIndex(({ id }) => id === currentId) + 1;
  const jump = (number: number) => {
    const segment = project.segments[number - 1];
    if (segment) goTo(segment.id);
  };

  return (
    <>
      <Menu
        trigger={
          <IconButton label={t("narrate.timeline.menu")}>
            <EllipsisVertical />
          </IconButton>
        }
      >
        <MenuItem onSelect={onRename}>
          <Pencil />
          {t("narrate.timeline.rename")}
        </MenuItem>
        <MenuItem disabled={count === 0} onSelect={() => setDialog("jump")}>
          <ListOrdered />
          {t("narrate.timeline.jump")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem isDangerous onSelect={() => setDialog("delete")}>
          <Trash2 />
          {t("narrate.timeline.delete")}
        </MenuItem>
      </Menu>
      <PositionDialog
        isOpen={dialog === "jump"}
        onOpenChange={() => setDialog(null)}
        title={t("narrate.timeline.jumpTitle")}
        number={Math.max(1, current)}
        count={count}
        action={t("narrate.timeline.jumpAction")}
        onChoose={jump}
      />
      <DeleteProject project={project} isOpen={dialog === "delete"} onClose={() => setDialog(null)} />
    </>
  );
}

interface DeleteProjectProps {
  project: ProjectDetail;
  isOpen: boolean;
  onClose: () => void;
}

function DeleteProject({ project, isOpen, onClose }: DeleteProjectProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { mutateAsync } = useDeleteProject();
  const { id, title } = project;
  const remove = async () => {
    try {
      await mutateAsync(id);
      await navigate("/narrate");
      toast.done(t("narrate.timeline.deleted", { title }));
    } catch (error) {
      toast.failed(t("narrate.timeline.deleteFailed", { title }), error);
    }
  };
  return (
    <Confirm
      isOpen={isOpen}
      onOpenChange={onClose}
      title={t("narrate.timeline.deleteTitle", { title })}
      about={t("narrate.timeline.deleteAbout")}
      action={t("narrate.timeline.delete")}
      onConfirm={() => void remove()}
    />
  );
}
