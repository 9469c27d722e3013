import { AudioLines, CircleCheck, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMutation } from "@tanstack/react-query";
import { useGenerateAll } from "@/api/tasks";
import type { ProjectDetail } from "@/api/client";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Tip } from "@/ui/tip";
import { toast } from "@/ui/toast";
import { useHasUnsaved } from "../timeline/drafts";
import { outlook } from "./batch";
import { useRetryFailed } from "./retry-failed";
import { settleProject } from "./settle-edits";

/** Speaking what is not spoken yet; when there is nothing of it, speaking all anew. */
export function GenerateAll({ project }: { project: ProjectDetail }) {
  const { t } = useTranslation();
  const { mutateAsync: generate } = useGenerateAll(project.id);
  const { mutate: start, isPending } = useMutation({
    mutationFn: async (force: boolean) => {
      await settleProject(project.id, project.segments);
      await generate(force);
    },
    onError: (error) => toast.failed(t("narrate.generation.failedToStart"), error),
  });
  const isUnsaved = useHasUnsaved(project.segments);
  const { speakable, isAllFresh, failed } = outlook(project.segments);

  return (
    <div className="flex flex-wrap items-center gap-2">
      {speakable === 0 ? (
        <Tip text={t("narrate.generation.nothingToSpeak")}>
          <Button aria-disabled>
            <AudioLines aria-hidden /> {t("narrate.generation.all")}
          </Button>
        </Tip>
      ) : isAllFresh && !isUnsaved ? (
        <RegenerateAll isPending={isPending} onConfirm={() => start(true)} />
      ) : (
        <Button aria-disabled={isPending} onClick={() => isPending || start(false)}>
          <AudioLines aria-hidden /> {t("narrate.generation.all")}
        </Button>
      )}
      {failed.length > 0 && <Failed project={project} count={failed.length} />}
    </div>
  );
}

function RegenerateAll({ isPending, onConfirm }: { isPending: boolean; onConfirm: () => void }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <span className="flex items-center gap-2 text-sm text-good">
        <CircleCheck aria-hidden className="size-4" /> {t("narrate.generation.allFresh")}
      </span>
      <Button look="outline" aria-disabled={isPending} onClick={() => setAsking(!isPending)}>
        <RotateCw aria-hidden /> {t("narrate.generation.regenerateAll")}
      </Button>
      <Confirm
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={t("narrate.generation.confirmTitle")}
        about={t("narrate.generation.confirmAbout")}
        action={t("narrate.generation.confirmAction")}
        onConfirm={onConfirm}
      />
    </>
  );
}

function Failed({ project, count }: { project: ProjectDetail; count: number }) {
  const { t } = useTranslation();
  const { mutate, isPending } = useRetryFailed(project);
  return (
    <>
      <span className="text-sm text-bad">{t("narrate.generation.failed", { count })}</span>
      <Button look="outline" aria-disabled={isPending} onClick={() => isPending || mutate()}>
        <RotateCw aria-hidden /> {t("narrate.generation.retryFailed")}
      </Button>
    </>
  );
}
