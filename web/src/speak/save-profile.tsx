import { useTranslation } from "react-i18next";
import { useCreateProfile } from "@/api/profiles";
import { useVoices } from "@/api/voices";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toast";
import { applyProfile, useDraft } from "./draft";
import { profileErrors } from "./profile-errors";
import { ProfileForm } from "./profile-form";
import { profileOf } from "./way";

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
  const engine = useDraft((draft) => draft.engine);
  const { data: voices } = useVoices(engine);
  const { mutate, isPending, error } = useCreateProfile();
  const errors = profileErrors(error);

  const save = (name: string) => {
    mutate(profileOf(name, useDraft.getState(), voices?.default_voice ?? ""), {
      onSuccess: (made) => {
        applyProfile(made); // it names the voice that was left to the engine
        toast.done(t("speak.profile.saved", { name }));
        onClose();
      },
    });
  };
  return (
    <ProfileForm
      name=""
      nameError={errors.name ?? errors.rest}
      isSaving={isPending}
      back={t("ui.cancel")}
      onBack={onClose}
      onSave={save}
    />
  );
}
