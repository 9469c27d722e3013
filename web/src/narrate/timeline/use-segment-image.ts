/** A segment's picture: taken from files that are dropped, pasted or chosen. */
import { useState } from "react";
import type { Segment } from "@/api/client";
import { wordsOf } from "@/api/client";
import { useRemoveImage, useUploadImage } from "@/api/segments";
import { t } from "@/strings/strings";

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp"];

export interface SegmentImage {
  /** Where it is fetched; null without one. */
  url: string | null;
  isBusy: boolean;
  /** Why the last one was not taken, in words. */
  problem: string | null;
  upload: (file: File) => void;
  remove: () => void;
}

/** The image among what is dropped or pasted: one of a type we take, else whatever file there is. */
export function fileOf(data: DataTransfer): File | undefined {
  const files = [...data.files];
  return files.find(({ type }) => IMAGE_TYPES.includes(type)) ?? files[0];
}

export function useSegmentImage(segment: Segment): SegmentImage {
  const upload = useUploadImage(segment.project);
  const remove = useRemoveImage(segment.project);
  const [problem, setProblem] = useState<string | null>(null);
  // The address stays when the picture is replaced, so a version is added; not the segment's, which
  // changes with each word of its text.
  const [version, setVersion] = useState(segment.updated_at);
  const onError = (error: unknown) => setProblem(wordsOf(error));

  const take = (image: File) => {
    if (segment.is_locked) setProblem(t("narrate.image.locked"));
    else if (!IMAGE_TYPES.includes(image.type)) setProblem(t("narrate.image.type"));
    else {
      setProblem(null);
      upload.mutate(
        { id: segment.id, image },
        { onError, onSuccess: () => setVersion(new Date().toISOString()) },
      );
    }
  };

  return {
    url: segment.image_file && `${segment.image_file}?v=${encodeURIComponent(version)}`,
    isBusy: upload.isPending || remove.isPending,
    problem,
    upload: take,
    remove: () => {
      setProblem(null);
      remove.mutate(segment.id, { onError });
    },
  };
}
