/** Ways of speaking that were kept under a name: applying one, keeping this one. */
import { Bookmark, Settings2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "@/api/client";
import { useProfiles } from "@/api/profiles";
import { Button } from "@/ui/button";
import { Select } from "@/ui/select";
import { toast } from "@/ui/toast";
import { applyProfile, useDraft } from "./draft";
import { ProfileManager } from "./profile-manager";
import { SaveProfile } from "./save-profile";

export function ProfileBar() {
  const { t } = useTranslation();
  const { data, error } = useProfiles();
  const applied = useDraft((draft) => draft.profileId);
  const [chosen, setChosen] = useState<string | null>(null);
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const profiles = data?.items ?? [];
  const wanted = chosen ?? (applied || data?.default_profile_id) ?? "";
  const profile = profiles.find(({ id }) => id === wanted) ?? profiles[0];
  const apply = () => {
    if (!profile) return;
    applyProfile(profile);
    toast.done(t("speak.profile.applied", { name: profile.name }));
  };
  const close = () => setDialog(null);

  return (
    <div className="flex flex-wrap items-center gap-2">
      {error ? (
        <p role="alert" className="text-sm text-bad">
          {wordsOf(error)}
        </p>
      ) : (
        profile && (
          <>
            <label className="flex grow items-center gap-2 text-sm font-medium sm:grow-0">
              {t("speak.profile.label")}
              <Select
                className="grow sm:w-56"
                value={profile.id}
                onChange={({ target }) => setChosen(target.value)}
              >
                {profiles.map(({ id, name, is_default: isDefault }) => (
                  <option key={id} value={id}>
                    {isDefault ? t("speak.profile.isDefault", { name }) : name}
                  </option>
                ))}
              </Select>
            </label>
            <Button look="outline" onClick={apply}>
              {t("speak.profile.apply")}
            </Button>
          </>
        )
      )}
      <Button look="outline" onClick={() => setDialog("save")}>
        <Bookmark aria-hidden />
        {t("speak.profile.save")}
      </Button>
      {profile && (
        <Button look="quiet" onClick={() => setDialog("manage")}>
          <Settings2 aria-hidden />
          {t("speak.profile.manage")}
        </Button>
      )}
      <SaveProfile isOpen={dialog === "save"} onClose={close} onSaved={setChosen} />
      <ProfileManager isOpen={dialog === "manage"} onClose={close} />
    </div>
  );
}
