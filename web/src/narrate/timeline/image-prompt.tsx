import { Check, Copy, Image as ImageIcon } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { copyText } from "@/ui/copy";
import { IconButton } from "@/ui/icon-button";
import { announce } from "./announcer";
import { AutosavedText } from "./autosaved-text";
import { shownValue, useDraft } from "./drafts";
import { SaveState } from "./save-state";

/** What the picture is to show, for whoever or whatever draws it. */
export function ImagePrompt({ segment, number }: { segment: Segment; number: number }) {
  const { t } = useTranslation();
  const id = useId();
  if (segment.is_locked && segment.image_prompt === "") return null;
  return (
    <div className="mt-2 -mr-2 flex items-start gap-0.5 text-muted-foreground">
      <ImageIcon aria-hidden className="mt-2 size-3.5 shrink-0" />
      <div className="min-w-0 grow">
        <AutosavedText
          segment={segment}
          field="image_prompt"
          label={t("narrate.prompt.label", { number })}
          placeholder={t("narrate.prompt.placeholder")}
          describedBy={id}
          className="text-sm leading-5 text-muted-foreground focus:text-foreground"
        />
        <div id={id} className="px-2 empty:hidden">
          <SaveState segmentId={segment.id} field="image_prompt" />
        </div>
      </div>
      <CopyPrompt segment={segment} />
    </div>
  );
}

const COPIED_MS = 2_000;

function CopyPrompt({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const prompt = shownValue(segment, "image_prompt", useDraft(segment.id, "image_prompt"));
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  if (prompt === "") return null;

  const copy = async () => {
    if (!(await copyText(prompt))) return;
    setIsCopied(true);
    announce(t("narrate.prompt.copied"));
  };
  return (
    <IconButton
      size="small-icon"
      className="text-muted-foreground"
      label={t(isCopied ? "narrate.prompt.copied" : "narrate.prompt.copy")}
      onClick={() => void copy()}
    >
      {isCopied ? <Check className="text-good" /> : <Copy />}
    </IconButton>
  );
}
