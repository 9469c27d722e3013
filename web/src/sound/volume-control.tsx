import { Volume1, Volume2, VolumeX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/ui/icon-button";
import { Slider } from "@/ui/slider";
import { useVolume } from "./volume";

const STEP = 0.05;

/** Phones have keys for it, and do not let a page turn them. */
export function VolumeControl() {
  const { t } = useTranslation();
  const { level, isMuted } = useVolume();
  const shown = isMuted ? 0 : level;
  const Icon = shown === 0 ? VolumeX : shown < 0.5 ? Volume1 : Volume2;
  const percent = t("sound.percent", { value: Math.round(shown * 100) });
  return (
    <div className="hidden items-center gap-1 pointer-fine:flex">
      <IconButton
        size="small-icon"
        label={t(isMuted ? "sound.unmute" : "sound.mute")}
        onClick={() => useVolume.setState({ isMuted: !isMuted })}
      >
        <Icon />
      </IconButton>
      <div className="w-20">
        <Slider
          value={shown}
          min={0}
          max={1}
          step={STEP}
          label={t("sound.volume")}
          valueText={percent}
          onChange={(next) => useVolume.setState({ level: next, isMuted: false })}
        />
      </div>
    </div>
  );
}
