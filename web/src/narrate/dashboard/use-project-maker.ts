import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Story, useImportStory } from "@/api/projects";
import { toast } from "@/ui/toast";

/** Makes a project of a story and goes there; not when whoever asked has gone meanwhile. */
export function useProjectMaker() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { mutate, isPending, error } = useImportStory();

  const make = (story: Story & { signal?: AbortSignal }, onError?: (error: Error) => void) =>
    mutate(story, {
      onSuccess: ({ id, title, segment_count: count }) => {
        toast.done(t("narrate.import.made", { title, count }));
        void navigate(`/narrate/${id}`);
      },
      ...(onError && { onError }),
    });
  return { make, isPending, error };
}
