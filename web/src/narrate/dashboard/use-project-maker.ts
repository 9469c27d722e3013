import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Story, useImportStory } from "@/api/projects";
import { toast } from "@/ui/toast";

/**
 * Makes a project of a story and goes there; not when whoever asked has gone meanwhile. One at a time: make
 * tells whether it began.
 */
export function useProjectMaker() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { mutate, isPending, error } = useImportStory();
  const isMaking = useRef(false); // isPending is known to the page too late for a fast double click

  const make = (story: Story & { signal?: AbortSignal }, onError?: (error: Error) => void): boolean => {
    if (isMaking.current) return false;
    isMaking.current = true;
    mutate(story, {
      onSuccess: ({ id, title, segment_count: count }) => {
        toast.done(t("narrate.import.made", { title, count }));
        void navigate(`/narrate/${id}`);
      },
      ...(onError && { onError }),
      onSettled: () => {
        isMaking.current = false;
      },
    });
    return true;
  };
  return { make, isPending, error };
}
