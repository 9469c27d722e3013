import { AudioLines, BookAudio, Boxes, History, type LucideIcon, MessageSquareText } from "lucide-react";
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
  { path: "/speak", name: "speak.tab", icon: MessageSquareText },
  { path: "/transcribe", name: "transcribe.tab", icon: AudioLines },
  { path: "/history", name: "history.tab", icon: History },
  { path: "/models", name: "models.tab", icon: Boxes },
];
