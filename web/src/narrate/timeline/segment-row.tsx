import { useDraggable, useDroppable } from "@dnd-kit/core";
import type { VirtualItem } from "@tanstack/react-virtual";
import { Plus } from "lucide-react";
import { memo, useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { classes } from "@/ui/classes";
import { useActions } from "./actions";
import { SegmentCard } from "./segment-card";

interface SegmentRowProps {
  segment: Segment;
  index: number;
  count: number;
  /** The chapter that begins here. */
  chapter: string | null;
  start: VirtualItem["start"];
  measure: (row: HTMLLIElement | null) => void;
}

/** A place in the list: where it is, what can be dropped on it, and the card in it. */
export const SegmentRow = memo(function SegmentRow(props: SegmentRowProps) {
  const { segment, index, count, chapter, start, measure } = props;
  const drag = useDraggable({ id: segment.id, data: { index } });
  const drop = useDroppable({ id: segment.id, data: { index } });
  const { setNodeRef: setDropRef } = drop;
  const { setNodeRef: setDragRef } = drag;
  const setRow = useCallback(
    (row: HTMLLIElement | null) => {
      setDropRef(row);
      measure(row);
    },
    [setDropRef, measure],
  );
  const from = drop.active?.data.current?.index as number | undefined;

  return (
    <li
      ref={setRow}
      data-index={index}
      aria-posinset={index + 1}
      aria-setsize={count}
      className="absolute inset-x-0 top-0"
      style={{ transform: `translateY(${start}px)` }}
    >
      {chapter !== null && (
        <h2 className="px-1 pt-8 pb-1 font-serif text-xl font-semibold wrap-anywhere">{chapter}</h2>
      )}
      <InsertButton segment={segment} number={index + 1} />
      <div ref={setDragRef} className={classes("relative", drag.isDragging && "opacity-40")}>
        <SegmentCard
          segment={segment}
          number={index + 1}
          setGrip={drag.setActivatorNodeRef}
          onGrip={drag.listeners}
        />
        {drop.isOver && from !== undefined && from !== index && <DropMark isBelow={from < index} />}
      </div>
    </li>
  );
});

/** Where the dragged card would go. */
function DropMark({ isBelow }: { isBelow: boolean }) {
  return (
    <span
      aria-hidden
      className={classes(
        "absolute inset-x-0 h-1 rounded-full bg-primary",
        isBelow ? "-bottom-3.5" : "-top-3.5",
      )}
    />
  );
}

/** Between two cards; by keyboard the same is in the card's menu. */
function InsertButton({ segment, number }: { segment: Segment; number: number }) {
  const { t } = useTranslation();
  const { insertBefore } = useActions();
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={t("narrate.segment.insertBefore", { number })}
      onClick={() => void insertBefore(segment.id)}
      className="flex h-6 w-full items-center gap-2 rounded-md text-primary opacity-0 transition-opacity before:h-px before:grow before:bg-primary/50 after:h-px after:grow after:bg-primary/50 hover:opacity-100 focus-visible:opacity-100"
    >
      <Plus aria-hidden className="size-4" />
    </button>
  );
}
