import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { player, usePlayer } from "./player";

const SEEK_S = 5;

const seekBy = (seconds: number) => player.seek(usePlayer.getState().time + seconds);

/** Hearing by keyboard; what acts on one card is the timeline's. */
export function usePlayerKeys(togglePlayAll: () => void): void {
  const { t } = useTranslation();
  const group = t("narrate.player.shortcuts");
  useShortcut("shift+space", togglePlayAll, { group, label: t("narrate.player.shortcutAll") });
  useShortcut("[", () => seekBy(-SEEK_S), { group, label: t("narrate.player.shortcutBack") });
  useShortcut("]", () => seekBy(SEEK_S), { group, label: t("narrate.player.shortcutForward") });
  useShortcut("comma", () => player.previous(), { group, label: t("narrate.player.shortcutPrevious") });
  useShortcut("period", () => player.next(), { group, label: t("narrate.player.shortcutNext") });
}
