import { Lock, LockOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { IconButton } from "@/ui/icon-button";
import { useActions } from "./actions";

/** A locked segment keeps its text, picture and audio, whatever is generated. */
export function LockToggle({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { setLocked } = useActions();
  const { is_locked: isLocked } = segment;
  return (
    <IconButton
      size="small-icon"
      label={t(isLocked ? "narrate.lock.unlock" : "narrate.lock.lock")}
      className={isLocked ? "bg-accent text-accent-foreground" : "text-muted-foreground"}
      onClick={() => void setLocked(segment, !isLocked)}
    >
      {isLocked ? <Lock /> : <LockOpen />}
    </IconButton>
  );
}
