/** Reordering with a pointer. By keyboard, cards are moved with Alt and the arrows, or to a position. */
import {
  type Announcements,
  closestCenter,
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  getClientRect,
  MeasuringStrategy,
  PointerSensor,
  pointerWithin,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { t } from "@/strings/strings";
import { useActions } from "./actions";
import { shownValue, useDraft } from "./drafts";

/** The row under the pointer, else the nearest one. */
const rowAt: CollisionDetection = (args) => {
  const under = pointerWithin(args);
  return under.length > 0 ? under : closestCenter(args);
};

interface DraggingProps {
  segments: Segment[];
  draggedId: string | null;
  onDrag: (id: string | null) => void;
  children: ReactNode;
}

export function Dragging({ segments, draggedId, onDrag, children }: DraggingProps) {
  const { move } = useActions();
  const sensors = useSensors(useSensor(PointerSensor, POINTER));
  const dragged = segments.find(({ id }) => id === draggedId);
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    onDrag(null);
    if (over && over.id !== active.id) move(String(active.id), String(over.id));
  };

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={rowAt}
      measuring={MEASURING}
      accessibility={{ announcements: ANNOUNCEMENTS, screenReaderInstructions: { draggable: "" } }}
      onDragStart={({ active }) => onDrag(String(active.id))}
      onDragCancel={() => onDrag(null)}
      onDragEnd={onDragEnd}
    >
      {children}
      <DragOverlay dropAnimation={null}>
        {dragged && <DraggedCard segment={dragged} number={segments.indexOf(dragged) + 1} />}
      </DragOverlay>
    </DndContext>
  );
}

const POINTER = { activationConstraint: { distance: 6 } };
/** Rows are placed by a transform, which dnd-kit leaves out of account unless told otherwise. */
const MEASURING = { droppable: { strategy: MeasuringStrategy.WhileDragging, measure: getClientRect } };

const numberOf = ({ data }: { data: { current: Record<string, unknown> | undefined } }) =>
  Number(data.current?.index) + 1;

/** The end of a drag is announced like every other move. */
const ANNOUNCEMENTS: Announcements = {
  onDragStart: ({ active }) => t("narrate.move.picked", { number: numberOf(active) }),
  onDragOver: ({ over }) => (over ? t("narrate.move.over", { number: numberOf(over) }) : undefined),
  onDragEnd: () => undefined,
  onDragCancel: () => t("narrate.move.cancelled"),
};

/** What is under the pointer: light, whatever is in the card. */
function DraggedCard({ segment, number }: { segment: Segment; number: number }) {
  const { t } = useTranslation();
  const text = shownValue(segment, "text_content", useDraft(segment.id, "text_content"));
  return (
    <div className="flex cursor-grabbing gap-3 rounded-xl border border-primary bg-card px-4 py-3 shadow-xl">
      <span className="text-sm font-semibold text-muted-foreground tabular-nums">{number}</span>
      <p className="line-clamp-2 font-serif">{text || t("narrate.segment.empty")}</p>
    </div>
  );
}
