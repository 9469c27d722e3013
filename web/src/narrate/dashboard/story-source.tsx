import { FileUp } from "lucide-react";
import { type ChangeEvent, type ClipboardEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { STORY_FILES, storyOfText } from "./story-file";

interface StorySourceProps {
  text: string;
  onTextChange: (text: string) => void;
  onChoose: (file: File) => void;
}

/** A file to choose, or a field to paste into. */
export function StorySource({ text, onTextChange, onChoose }: StorySourceProps) {
  const { t } = useTranslation();
  const pasteFile = (event: ClipboardEvent) => {
    const file = event.clipboardData.files[0];
    if (!file || event.clipboardData.getData("text/plain") !== "") return;
    event.preventDefault();
    onChoose(file);
  };

  return (
    <>
      <FilePicker onChoose={onChoose} />
      <Field label={t("narrate.import.paste")}>
        {(control) => (
          <Textarea
            {...control}
            rows={8}
            value={text}
            onChange={(event) => onTextChange(event.target.value)}
            onPaste={pasteFile}
            placeholder={t("narrate.import.pasteHint")}
            className="max-h-[40dvh] font-serif leading-relaxed"
          />
        )}
      </Field>
      <DialogButtons>
        <Button disabled={text.trim() === ""} onClick={() => onChoose(storyOfText(text))}>
          {t("narrate.import.look")}
        </Button>
      </DialogButtons>
    </>
  );
}

function FilePicker({ onChoose }: { onChoose: (file: File) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = ""; // so that the same file can be chosen again
    if (file) onChoose(file);
  };

  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-input bg-muted/50 px-4 py-6 text-center">
      <input
        ref={input}
        type="file"
        accept={STORY_FILES}
        aria-label={t("narrate.import.file")}
        onChange={choose}
        className="hidden"
      />
      <Button onClick={() => input.current?.click()}>
        <FileUp />
        {t("narrate.import.choose")}
      </Button>
      <p className="text-sm text-muted-foreground">{t("narrate.import.formats")}</p>
    </div>
  );
}
