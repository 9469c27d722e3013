import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import type { Segment } from "@/api/client";
import { Dragging } from "./dragging";
import { useFollowing } from "./following";
import { estimatedHeight, useMeasures } from "./list-measures";
import { usePlace } from "./place";
import { SegmentRow } from "./segment-row";

interface SegmentListProps {
  segments: Segment[];
  /** What scrolls. */
  scroller: HTMLElement;
  /** Covers the top of it. */
  header: HTMLElement | null;
}

/** Rows rendered beyond each edge of what is seen. */
const OVERSCAN = 4;

/** The segments in order. Only those near what is seen exist, and the one a person is at. */
export function SegmentList({ segments, scroller, header }: SegmentListProps) {
  const list = useRef<HTMLOListElement>(null);
  const { margin, covered, lineLength } = useMeasures(list, scroller, header);
  const [draggedId, setDraggedId] = useState<string | null>(null);
  const currentId = usePlace(({ currentId }) => currentId);
  const kept = [currentId, draggedId].map((id) => segments.findIndex((one) => one.id === id));

  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns is used in this component only
  const virtual = useVirtualizer<HTMLElement, HTMLLIElement>({
    count: segments.length,
    getScrollElement: () => scroller,
    getItemKey: (index) => segments[index]?.id ?? index,
    estimateSize: (index) => estimatedHeight(segments[index], lineLength),
    rangeExtractor: (range) => withKept(range, kept),
    overscan: OVERSCAN,
    scrollMargin: margin,
    scrollPaddingStart: covered + 12,
    scrollPaddingEnd: 24,
    anchorTo: "end", // what is inserted or deleted above leaves what is seen in its place
    scrollEndThreshold: -1,
  });
  const { scrollToIndex, measureElement } = virtual;
  useFollowing(segments, scrollToIndex);

  return (
    <Dragging segments={segments} draggedId={draggedId} onDrag={setDraggedId}>
      <ol ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const segment = segments[index];
          return (
            segment && (
              <SegmentRow
                key={key}
                segment={segment}
                index={index}
                count={segments.length}
                chapter={chapterAt(segments, index)}
                start={start - margin}
                measure={measureElement}
              />
            )
          );
        })}
      </ol>
    </Dragging>
  );
}

/** The title of the chapter that begins with this segment. */
function chapterAt(segments: readonly Segment[], index: number): string | null {
  const chapter = segments[index]?.chapter ?? "";
  return chapter !== "" && chapter !== segments[index - 1]?.chapter ? chapter : null;
}

function withKept(range: Range, kept: readonly number[]): number[] {
  const indexes = new Set(defaultRangeExtractor(range));
  for (const index of kept) if (index >= 0) indexes.add(index);
  return [...indexes].sort((a, b) => a - b);
}
