import { ImagePlus, RefreshCw, X } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { classes } from "@/ui/classes";
import { IconButton } from "@/ui/icon-button";
import { Spinner } from "@/ui/spinner";
import { IMAGE_TYPES, type SegmentImage } from "./use-segment-image";

interface ImageZoneProps {
  segment: Segment;
  number: number;
  image: SegmentImage;
  /** A file is held over the card. */
  isOver: boolean;
}

/** A segment's picture, or the place for one. Dropping and pasting work on the whole card. */
export function ImageZone({ segment, number, image, isOver }: ImageZoneProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const choose = () => input.current?.click();

  return (
    <div className="flex flex-col gap-1">
      <div
        className={classes(
          "relative overflow-hidden rounded-lg",
          isOver && "outline-2 outline-offset-2 outline-primary",
        )}
        aria-busy={image.isBusy}
      >
        {image.url ? (
          <Picture url={image.url} segment={segment} number={number} image={image} onReplace={choose} />
        ) : (
          <EmptyZone number={number} isLocked={segment.is_locked} onChoose={choose} />
        )}
        {image.isBusy && (
          <span role="status" className="absolute inset-0 grid place-items-center bg-card/75">
            <Spinner className="size-6 text-primary" />
            <span className="sr-only">{t("narrate.image.uploading")}</span>
          </span>
        )}
      </div>
      {image.problem !== null && (
        <p role="alert" className="text-xs text-bad wrap-anywhere">
          {image.problem}
        </p>
      )}
      <input
        ref={input}
        type="file"
        hidden
        accept={IMAGE_TYPES.join(",")}
        aria-label={t("narrate.image.choose", { number })}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) image.upload(file);
          target.value = ""; // so that the same file can be chosen again
        }}
      />
    </div>
  );
}

interface PictureProps extends Omit<ImageZoneProps, "isOver"> {
  url: string;
  onReplace: () => void;
}

function Picture({ url, segment, number, image, onReplace }: PictureProps) {
  const { t } = useTranslation();
  return (
    <figure className="group/picture">
      <img
        src={url}
        alt={segment.image_prompt || t("narrate.image.alt", { number })}
        loading="lazy"
        decoding="async"
        className="aspect-video w-full bg-muted object-cover sm:aspect-4/3"
      />
      {!segment.is_locked && (
        <figcaption className="absolute top-1 right-1 flex gap-1 transition-opacity group-focus-within/picture:opacity-100 group-hover/picture:opacity-100 pointer-fine:opacity-0">
          <IconButton
            size="small-icon"
            className="bg-card/90 shadow-sm"
            label={t("narrate.image.replace", { number })}
            onClick={onReplace}
          >
            <RefreshCw />
          </IconButton>
          <IconButton
            size="small-icon"
            className="bg-card/90 shadow-sm"
            label={t("narrate.image.remove", { number })}
            onClick={image.remove}
          >
            <X />
          </IconButton>
        </figcaption>
      )}
    </figure>
  );
}

function EmptyZone({
  number,
  isLocked,
  onChoose,
}: {
  number: number;
  isLocked: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslation();
  if (isLocked) return null;
  return (
    <button
      type="button"
      aria-label={t("narrate.image.choose", { number })}
      onClick={onChoose}
      className="flex w-full items-center justify-center gap-2 rounded-lg border border-dashed border-input/60 p-2 text-xs text-muted-foreground transition-colors hover:border-primary hover:bg-accent hover:text-accent-foreground sm:aspect-4/3 sm:flex-col"
    >
      <ImagePlus aria-hidden className="size-5" />
      <span>{t("narrate.image.add")}</span>
      <span className="hidden pointer-fine:sm:block">{t("narrate.image.how")}</span>
    </button>
  );
}
