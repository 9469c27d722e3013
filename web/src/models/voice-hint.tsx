import { Sparkles, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { useModels } from "@/api/models";
import { browserStorage } from "@/browser-storage";
import { dataSize } from "@/strings/size";
import { IconButton } from "@/ui/icon-button";
import { voiceToSuggest } from "./find-models";

export const useVoiceHint = create<{ isDismissed: boolean }>()(
  persist((): { isDismissed: boolean } => ({ isDismissed: false }), {
    name: "parlando.voiceHint",
    storage: createJSONStorage(() => browserStorage),
  }),
);

/** Where something is spoken. */
const SPEAKING = /^\/(narrate|speak)(\/|$)/;

/** As long as only espeak speaks: that it could sound better, and how. */
export function VoiceHint() {
  const { pathname } = useLocation();
  const isDismissed = useVoiceHint((hint) => hint.isDismissed);
  return isDismissed || !SPEAKING.test(pathname) ? null : <Hint />;
}

function Hint() {
  const { t } = useTranslation();
  const { data } = useModels();
  const model = data && voiceToSuggest(data.items);
  if (!model) return null;
  return (
    <aside
      aria-label={t("models.hint.label")}
      className="flex items-center justify-center gap-2 border-b bg-muted px-3 py-1 text-sm"
    >
      <Sparkles aria-hidden className="size-4 shrink-0 text-primary" />
      <p>
        {t("models.hint.text")}{" "}
        <Link
          to={`/models#model-${model.id}`}
          className="font-medium text-primary underline underline-offset-4"
        >
          {t("models.hint.link", { name: model.name, size: dataSize(model.size) })}
        </Link>
      </p>
      <IconButton
        size="small-icon"
        label={t("models.hint.dismiss")}
        onClick={() => useVoiceHint.setState({ isDismissed: true })}
      >
        <X />
      </IconButton>
    </aside>
  );
}
