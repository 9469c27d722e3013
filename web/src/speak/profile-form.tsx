import { type ReactNode, type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";
import { PROFILE_NAME_MAX } from "./way";

interface ProfileFormProps {
  name: string;
  nameError: string | undefined;
  isSaving: boolean;
  back: string;
  onBack: () => void;
  /** Never with an empty name, nor while it is saving. */
  onSave: (name: string) => void;
  children?: ReactNode;
}

/** A profile's name, what else there is to choose, and the buttons. */
export function ProfileForm({ name, nameError, isSaving, back, onBack, onSave, children }: ProfileFormProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(name);
  const trimmed = typed.trim();

  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (trimmed !== "" && !isSaving) onSave(trimmed);
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-4">
      <Field label={t("speak.profile.name")} error={nameError}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            maxLength={PROFILE_NAME_MAX}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
      {children}
      <DialogButtons>
        <Button look="outline" onClick={onBack}>
          {back}
        </Button>
        <Button type="submit" disabled={trimmed === "" || isSaving}>
          {isSaving && <Spinner />}
          {t("speak.profile.saveAction")}
        </Button>
      </DialogButtons>
    </form>
  );
}
