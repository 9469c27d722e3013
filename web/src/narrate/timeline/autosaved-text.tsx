import { type KeyboardEvent, useRef } from "react";
import type { Segment } from "@/api/client";
import { classes } from "@/ui/classes";
import { type DraftField, saveDrafts, shownValue, typeDraft, useDraft } from "./drafts";
import { useGrowing } from "./grow";

interface AutosavedTextProps {
  segment: Segment;
  field: DraftField;
  label: string;
  placeholder: string;
  /** The element that tells about it. */
  describedBy: string;
  className?: string;
}

/** A field of a segment that is written into as if it were paper, and saves itself. */
export function AutosavedText({
  segment,
  field,
  label,
  placeholder,
  describedBy,
  className,
}: AutosavedTextProps) {
  const draft = useDraft(segment.id, field);
  const value = shownValue(segment, field, draft);
  const area = useRef<HTMLTextAreaElement>(null);
  useGrowing(area, value);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") event.currentTarget.closest<HTMLElement>("[data-card]")?.focus();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void saveDrafts(segment.id);
    }
  };

  return (
    <textarea
      ref={area}
      rows={1}
      data-field={field}
      aria-label={label}
      aria-describedby={describedBy}
      placeholder={segment.is_locked ? undefined : placeholder}
      readOnly={segment.is_locked}
      value={value}
      onChange={(event) => typeDraft(segment, field, event.target.value)}
      onBlur={() => void saveDrafts(segment.id)}
      onKeyDown={onKeyDown}
      className={classes(
        "block w-full resize-none field-sizing-content overflow-hidden rounded-md border border-transparent bg-transparent px-2 py-1 wrap-anywhere transition-colors placeholder:text-muted-foreground hover:border-border read-only:hover:border-transparent focus:border-input focus:bg-background focus:outline-offset-0 read-only:focus:bg-transparent",
        className,
      )}
    />
  );
}
