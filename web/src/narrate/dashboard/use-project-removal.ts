import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { useDeleteProject } from "@/api/projects";
import { toast } from "@/ui/toast";

/** Deleting a project takes it off the page at once; it comes back when the server keeps it. */
export function useProjectRemoval() {
  const { t } = useTranslation();
  const { mutateAsync } = useDeleteProject();
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());

  const remove = async ({ id, title }: Project) => {
    setRemoved((ids) => new Set(ids).add(id));
    try {
      await mutateAsync(id);
      toast.done(t("narrate.dashboard.deleted", { title }));
    } catch (error) {
      setRemoved((ids) => new Set([...ids].filter((one) => one !== id)));
      toast.failed(t("narrate.dashboard.deleteFailed", { title }), error);
    }
  };
  return { removed, remove };
}
