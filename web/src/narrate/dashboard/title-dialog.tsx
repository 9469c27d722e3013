import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, wordsOf } from "@/api/client";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";

export const TITLE_MAX = 500; // characters, as the server has it

interface TitleDialogProps extends TitleFormProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  heading: string;
}

interface TitleFormProps {
  /** What stands in the field at first. */
  initial?: string;
  action: string;
  isSaving: boolean;
  error: Error | null;
  onSave: (title: string) => void;
  onCancel: () => void;
}

/** Asks for a title: a new project's, or another one. */
export function TitleDialog({ isOpen, onOpenChange, heading, ...form }: Omit<TitleDialogProps, "onCancel">) {
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={heading}>
      <TitleForm {...form} onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function TitleForm({ initial = "", action, isSaving, error, onSave, onCancel }: TitleFormProps) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(initial);
  const wanted = title.trim();
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (wanted !== "" && !isSaving) onSave(wanted);
  };

  return (
    <form onSubmit={save} className="flex flex-col gap-4">
      <Field
        label={t("narrate.dashboard.projectTitle")}
        error={error ? (error instanceof ApiError && error.fields.title) || wordsOf(error) : undefined}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            maxLength={TITLE_MAX}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            onFocus={(event) => event.target.select()}
          />
        )}
      </Field>
      <DialogButtons>
        <Button look="outline" onClick={onCancel}>
          {t("ui.cancel")}
        </Button>
        <Button type="submit" disabled={wanted === "" || isSaving}>
          {isSaving && <Spinner />}
          {action}
        </Button>
      </DialogButtons>
    </form>
  );
}
