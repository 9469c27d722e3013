import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Profile, usePatchProfile } from "@/api/profiles";
import { useVoices } from "@/api/voices";
import { Button } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";
import { applyProfile, useDraft } from "./draft";
import { profileErrors } from "./profile-errors";
import { PROFILE_NAME_MAX, profileOf, wayOf } from "./way";
import { WayFields } from "./way-fields";

interface EditProfileProps {
  profile: Profile;
  onDone: () => void;
}

/** Another name, another way of speaking. What was spoken with it stays. */
export function EditProfile({ profile, onDone }: EditProfileProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(profile.name);
  const [way, setWay] = useState(() => wayOf(profile));
  const { data: voices } = useVoices(way.engine);
  const { mutate, isPending, error } = usePatchProfile();
  const name = typed.trim();
  const errors = profileErrors(error);

  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (name === "" || isPending) return;
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
    <form onSubmit={save} className="flex flex-col gap-4">
      <Field label={t("speak.profile.name")} error={errors.name}>
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
      <WayFields way={way} sample="" onChange={(change) => setWay((now) => ({ ...now, ...change }))} />
      {errors.rest !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {errors.rest}
        </p>
      )}
      <DialogButtons>
        <Button look="outline" onClick={onDone}>
          {t("speak.profile.back")}
        </Button>
        <Button type="submit" disabled={name === "" || isPending}>
          {isPending && <Spinner />}
          {t("speak.profile.saveAction")}
        </Button>
      </DialogButtons>
    </form>
  );
}
