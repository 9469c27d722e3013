import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCreateProfile } from "@/api/profiles";
import { useVoices } from "@/api/voices";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";
import { applyProfile, useDraft } from "./draft";
import { profileErrors } from "./profile-errors";
import { PROFILE_NAME_MAX, profileOf } from "./way";

interface SaveProfileProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Keeps the draft's way of speaking under a name. */
export function SaveProfile({ isOpen, onClose }: SaveProfileProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onClose}
      title={t("speak.profile.save")}
      about={t("speak.profile.saveAbout")}
    >
      <SaveForm onClose={onClose} />
    </Dialog>
  );
}

function SaveForm({ onClose }: Omit<SaveProfileProps, "isOpen">) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const engine = useDraft((draft) => draft.engine);
  const { data: voices } = useVoices(engine);
  const { mutate, isPending, error } = useCreateProfile();
  const name = typed.trim();
  const errors = profileErrors(error);

  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (name === "" || isPending) return;
    mutate(profileOf(name, useDraft.getState(), voices?.default_voice ?? ""), {
      onSuccess: (made) => {
        applyProfile(made); // it names the voice that was left to the engine
        toast.done(t("speak.profile.saved", { name }));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-4">
      <Field label={t("speak.profile.name")} error={errors.name ?? errors.rest}>
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
      <DialogButtons>
        <Button look="outline" onClick={onClose}>
          {t("ui.cancel")}
        </Button>
        <Button type="submit" disabled={name === "" || isPending}>
          {isPending && <Spinner />}
          {t("speak.profile.saveAction")}
        </Button>
      </DialogButtons>
    </form>
  );
}
