import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { clipPlayer } from "./clip-player";

const SEEK_S = 5;

/** Hearing by keyboard. group: the tab's name. */
export function useClipKeys(group: string): void {
  const { t } = useTranslation();
  useShortcut("space", () => clipPlayer.toggleCurrent(), { group, label: t("sound.keys.toggle") });
  useShortcut("[", () => clipPlayer.seekBy(-SEEK_S), { group, label: t("sound.keys.back") });
  useShortcut("]", () => clipPlayer.seekBy(SEEK_S), { group, label: t("sound.keys.forward") });
}
