import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Profile, usePatchProfile } from "@/api/profiles";
import { useVoices } from "@/api/voices";
import { toast } from "@/ui/toast";
import { applyProfile, useDraft } from "./draft";
import { profileErrors } from "./profile-errors";
import { ProfileForm } from "./profile-form";
import { profileOf, wayOf } from "./way";
import { WayFields } from "./way-fields";

interface EditProfileProps {
  profile: Profile;
  onDone: () => void;
}

/** Another name, another way of speaking. What was spoken with it stays. */
export function EditProfile({ profile, onDone }: EditProfileProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState(() => wayOf(profile));
  const { data: voices } = useVoices(way.engine);
  const { mutate, isPending, error } = usePatchProfile();
  const errors = profileErrors(error);

  const save = (name: string) => {
    const patch = profileOf(name, way, voices?.default_voice ?? "");
    mutate(
      { id: profile.id, patch },
      {
        onSuccess: (changed) => {
          if (useDraft.getState().profileId === changed.id) applyProfile(changed);
          toast.done(t("speak.profile.saved", { name }));
          onDone();
        },
      },
    );
  };
  return (
    <ProfileForm
      name={profile.name}
      nameError={errors.name}
      isSaving={isPending}
      back={t("speak.profile.back")}
      onBack={onDone}
      onSave={save}
    >
      <WayFields way={way} sample="" onChange={(change) => setWay((now) => ({ ...now, ...change }))} />
      {errors.rest !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {errors.rest}
        </p>
      )}
    </ProfileForm>
  );
}
