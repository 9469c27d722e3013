/** Ways of speaking that were kept under a name: speaking by one, keeping this one. */
import { Bookmark, RotateCcw, Settings2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "@/api/client";
import { type Profile, useProfiles } from "@/api/profiles";
import { Button } from "@/ui/button";
import { Select } from "@/ui/select";
import { toast } from "@/ui/toast";
import { applyProfile, isAsProfile, useDraft } from "./draft";
import { ProfileManager } from "./profile-manager";
import { SaveProfile } from "./save-profile";

export function ProfileBar() {
  const { t } = useTranslation();
  const { data, error } = useProfiles();
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const hasProfiles = data !== undefined && data.items.length > 0;
  const close = () => setDialog(null);
  useForgettingTheDeleted(data?.items);

  return (
    <div className="flex flex-wrap items-center gap-2">
      {error ? (
        <p role="alert" className="text-sm text-bad">
          {wordsOf(error)}
        </p>
      ) : (
        hasProfiles && <Chooser profiles={data.items} />
      )}
      <Button look="outline" onClick={() => setDialog("save")}>
        <Bookmark aria-hidden />
        {t("speak.profile.save")}
      </Button>
      {hasProfiles && (
        <Button look="quiet" onClick={() => setDialog("manage")}>
          <Settings2 aria-hidden />
          {t("speak.profile.manage")}
        </Button>
      )}
      <SaveProfile isOpen={dialog === "save"} onClose={close} />
      <ProfileManager isOpen={dialog === "manage"} onClose={close} />
    </div>
  );
}

/** Who deleted it may have done so elsewhere; nothing could be spoken by its id. */
function useForgettingTheDeleted(profiles: readonly Profile[] | undefined): void {
  const inForce = useDraft(({ profileId }) => profileId);
  useEffect(() => {
    if (inForce !== "" && profiles && !profiles.some(({ id }) => id === inForce))
      useDraft.setState({ profileId: "" });
  }, [inForce, profiles]);
}

/** Shows the one in force, and whether something was changed since it was chosen. */
function Chooser({ profiles }: { profiles: readonly Profile[] }) {
  const { t } = useTranslation();
  const inForce = useDraft(({ profileId }) => profiles.find(({ id }) => id === profileId));
  const isChanged = useDraft((draft) => inForce !== undefined && !isAsProfile(draft, inForce));
  const choose = (wanted: string) => {
    const profile = profiles.find(({ id }) => id === wanted);
    if (!profile) return useDraft.setState({ profileId: "" });
    applyProfile(profile);
    toast.done(t("speak.profile.applied", { name: profile.name }));
  };
  const nameOf = ({ id, name, is_default: isDefault }: Profile) => {
    if (isChanged && id === inForce?.id) return t("speak.profile.isChanged", { name });
    return isDefault ? t("speak.profile.isDefault", { name }) : name;
  };
  return (
    <>
      <label className="flex grow items-center gap-2 text-sm font-medium sm:grow-0">
        {t("speak.profile.label")}
        <Select
          className="grow sm:w-56"
          value={inForce?.id ?? ""}
          onChange={({ target }) => choose(target.value)}
        >
          <option value="">{t("speak.profile.noneInForce")}</option>
          {profiles.map((profile) => (
            <option key={profile.id} value={profile.id}>
              {nameOf(profile)}
            </option>
          ))}
        </Select>
      </label>
      {inForce && isChanged && (
        <Button look="outline" onClick={() => choose(inForce.id)}>
          <RotateCcw aria-hidden />
          {t("speak.profile.applyAgain")}
        </Button>
      )}
    </>
  );
}
