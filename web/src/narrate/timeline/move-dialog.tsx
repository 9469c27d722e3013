import { useTranslation } from "react-i18next";
import { create } from "zustand";
import type { Segment } from "@/api/client";
import { useActions } from "./actions";
import { PositionDialog } from "./position-dialog";

/** One dialog for all cards: each would cost time when it scrolls into view. */
const useMoving = create<{ id: string | null; isOpen: boolean }>(() => ({ id: null, isOpen: false }));

/** Asks where a segment is to go. */
export function askWhereTo(id: string): void {
  useMoving.setState({ id, isOpen: true });
}

export function MoveDialog({ segments }: { segments: readonly Segment[] }) {
  const { t } = useTranslation();
  const { moveTo } = useActions();
  const { id, isOpen } = useMoving();
  const number = segments.findIndex((one) => one.id === id) + 1;
  return (
    <PositionDialog
      isOpen={isOpen && number > 0}
      onOpenChange={(isOpen) => useMoving.setState({ isOpen })}
      title={t("narrate.move.title", { number })}
      number={number}
      count={segments.length}
      action={t("narrate.move.action")}
      onChoose={(place) => id !== null && moveTo(id, place)}
    />
  );
}
