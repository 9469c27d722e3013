/** The timeline by keyboard. Arrows, space and Enter act on cards only: in a player they mean something else. */
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { useGenerateSegment } from "@/api/tasks";
import { player } from "@/narrate/player/player";
import { settleSegment } from "@/narrate/player/settle-edits";
import { useShortcut } from "@/shell/shortcuts";
import { toast } from "@/ui/toast";
import type { TimelineActions } from "./actions";
import { goTo, usePlace } from "./place";
import { visibleSegments } from "./visible-project";

function isOnCard(): boolean {
  const { activeElement } = document;
  return activeElement === document.body || (activeElement?.matches("[data-card], main, h1") ?? false);
}

/** Goes so many segments on; to the first when there is no current one. */
function step(projectId: string, by: number): void {
  const segments = visibleSegments(projectId);
  const index = segments.findIndex(({ id }) => id === usePlace.getState().currentId);
  const next = index < 0 ? segments[0] : (segments[index + by] ?? segments[index]);
  if (next) goTo(next.id);
}

function currentOf(projectId: string): Segment | undefined {
  const { currentId } = usePlace.getState();
  return visibleSegments(projectId).find(({ id }) => id === currentId);
}

export function useTimelineKeys(projectId: string, actions: TimelineActions): void {
  const { t } = useTranslation();
  const { mutateAsync: generate } = useGenerateSegment(projectId);
  const group = t("narrate.timeline.keys");
  const onCurrent = (act: (segment: Segment) => void) => {
    const segment = currentOf(projectId);
    if (segment) act(segment);
  };
  const onCard = (act: () => void) => isOnCard() && act();
  const speak = async (segment: Segment) => {
    try {
      await settleSegment(segment);
      await generate(segment.id);
    } catch (error) {
      toast.failed(t("narrate.segment.generateFailed"), error);
    }
  };

  useShortcut("j", () => step(projectId, 1), { group, label: t("narrate.key.next") });
  useShortcut("k", () => step(projectId, -1), { group, label: t("narrate.key.previous") });
  useShortcut("down", () => onCard(() => step(projectId, 1)), { group, label: t("narrate.key.next") });
  useShortcut("up", () => onCard(() => step(projectId, -1)), { group, label: t("narrate.key.previous") });
  useShortcut("enter", () => onCard(() => onCurrent(({ id }) => goTo(id, "text"))), {
    group,
    label: t("narrate.key.edit"),
  });
  useShortcut("n", () => void actions.insertAfter(currentOf(projectId)?.id ?? lastId(projectId)), {
    group,
    label: t("narrate.key.insert"),
  });
  useShortcut("space", () => onCard(() => onCurrent((segment) => player.toggle(segment))), {
    group,
    label: t("narrate.key.play"),
  });
  useShortcut("g", () => onCurrent((segment) => void speak(segment)), {
    group,
    label: t("narrate.key.generate"),
  });
  useShortcut("l", () => onCurrent((segment) => void actions.setLocked(segment, !segment.is_locked)), {
    group,
    label: t("narrate.key.lock"),
  });
  useShortcut("delete, backspace", () => onCard(() => onCurrent(actions.remove)), {
    group,
    label: t("narrate.key.delete"),
  });
  useShortcut("u", () => actions.undoRemove(), { group, label: t("narrate.key.undo") });
  useShortcut("alt+up", () => onCurrent(({ id }) => actions.moveBy(id, -1)), {
    group,
    label: t("narrate.key.moveUp"),
  });
  useShortcut("alt+down", () => onCurrent(({ id }) => actions.moveBy(id, 1)), {
    group,
    label: t("narrate.key.moveDown"),
  });
}

const lastId = (projectId: string) => visibleSegments(projectId).at(-1)?.id ?? null;
