import { useQuery } from "@tanstack/react-query";
import { previewStory } from "@/api/projects";
import { checkStoryFile } from "./story-file";

/** A file that was chosen. The same one chosen again is another choice: it may have changed. */
export interface StoryChoice {
  number: number;
  file: File;
}

/** What the server reads in the chosen file. Nobody looking any more ends the request. */
export function useStoryPreview(choice: StoryChoice | null) {
  return useQuery({
    queryKey: ["story preview", choice?.number],
    enabled: choice !== null,
    queryFn: async ({ signal }) => {
      if (!choice) throw new Error("no story was chosen");
      await checkStoryFile(choice.file);
      return previewStory({ file: choice.file }, signal);
    },
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
  });
}
