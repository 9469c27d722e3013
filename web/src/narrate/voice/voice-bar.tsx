import { AudioLines } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSettings } from "@/api/voices";
import { Button } from "@/ui/button";

/** Who speaks, and how fast. */
export function VoiceBar({ sample: _sample }: { sample: string | undefined }) {
  const { t } = useTranslation();
  const { data: settings } = useSettings();
  if (!settings) return null;
  return (
    <Button look="outline" aria-label={t("narrate.voice.choose")}>
      <AudioLines aria-hidden /> {settings.default_voice_id} · {settings.tts_speed}×
    </Button>
  );
}
