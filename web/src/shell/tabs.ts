import { AudioLines, BookAudio, Boxes, type LucideIcon } from "lucide-react";
import type { ParseKeys } from "i18next";

interface Tab {
  /** Where it leads; it is the current one below there. */
  path: string;
  name: ParseKeys;
  icon: LucideIcon;
}

/** The tabs, from left to right. */
export const TABS: readonly Tab[] = [
  { path: "/narrate", name: "narrate.tab", icon: BookAudio },
  { path: "/transcribe", name: "transcribe.tab", icon: AudioLines },
  { path: "/models", name: "models.tab", icon: Boxes },
];
