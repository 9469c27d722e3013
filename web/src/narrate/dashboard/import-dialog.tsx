import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Problem } from "@/ui/problem";
import { Spinner } from "@/ui/spinner";
import { storyReason } from "./story-file";
import { StoryReview } from "./story-review";
import { StorySource } from "./story-source";
import { type StoryChoice, useStoryPreview } from "./use-story-preview";

interface ImportDialogProps extends ImportStepsProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

interface ImportStepsProps {
  choice: StoryChoice | null;
  /** The text that was pasted, if it was one. */
  pastedText: string;
  onChoose: (file: File | null) => void;
}

export function ImportDialog({ isOpen, onOpenChange, ...steps }: ImportDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={t("narrate.import.title")} isWide>
      <ImportSteps {...steps} />
    </Dialog>
  );
}

/** A story is chosen, read by the server, looked at, and made a project. */
function ImportSteps({ choice, pastedText, onChoose }: ImportStepsProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(pastedText);
  const preview = useStoryPreview(choice);
  const back = () => onChoose(null);

  return (
    <>
      <p role="status" className="sr-only">
        {choice && preview.isPending && t("narrate.import.reading", { name: choice.file.name })}
        {preview.data && t("narrate.import.found", { count: preview.data.segment_count })}
      </p>
      {!choice ? (
        <StorySource text={text} onTextChange={setText} onChoose={onChoose} />
      ) : preview.isPending ? (
        <Reading name={choice.file.name} onCancel={back} />
      ) : preview.isError ? (
        <Refused name={choice.file.name} error={preview.error} onBack={back} />
      ) : (
        <StoryReview key={choice.number} file={choice.file} story={preview.data} onBack={back} />
      )}
    </>
  );
}

function Reading({ name, onCancel }: { name: string; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="flex min-h-48 flex-col items-center justify-center gap-3 text-center">
        <Spinner className="size-8 text-primary" />
        <p className="text-sm wrap-anywhere text-muted-foreground">{t("narrate.import.reading", { name })}</p>
      </div>
      <DialogButtons>
        <Button look="outline" onClick={onCancel}>
          {t("ui.cancel")}
        </Button>
      </DialogButtons>
    </>
  );
}

function Refused({ name, error, onBack }: { name: string; error: Error; onBack: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Problem title={t("narrate.import.refused", { name })} reason={storyReason(error)} />
      <DialogButtons>
        <Button onClick={onBack}>{t("narrate.import.back")}</Button>
      </DialogButtons>
    </>
  );
}
