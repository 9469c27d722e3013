/** All profiles: changing, deleting, and which one is the default. */
import { Pencil, Star, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Profile, useDeleteProfile, useMakeProfileDefault, useProfiles } from "@/api/profiles";
import { Badge } from "@/ui/badge";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { IconButton } from "@/ui/icon-button";
import { toast } from "@/ui/toast";
import { useDraft } from "./draft";
import { EditProfile } from "./edit-profile";
import { inARow } from "./facts";

interface ProfileManagerProps {
  isOpen: boolean;
  onClose: () => void;
}

export function ProfileManager({ isOpen, onClose }: ProfileManagerProps) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<Profile | null>(null);
  const close = () => {
    setEdited(null);
    onClose();
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={close}
      title={edited ? t("speak.profile.editTitle", { name: edited.name }) : t("speak.profile.manageTitle")}
      about={t(edited ? "speak.profile.editAbout" : "speak.profile.manageAbout")}
    >
      {edited ? (
        <EditProfile profile={edited} onDone={() => setEdited(null)} />
      ) : (
        <ProfileList onEdit={setEdited} />
      )}
    </Dialog>
  );
}

function ProfileList({ onEdit }: { onEdit: (profile: Profile) => void }) {
  const { t } = useTranslation();
  const { data } = useProfiles();
  const [doomed, setDoomed] = useState<Profile | null>(null);
  const remove = useRemoval();
  const profiles = data?.items ?? [];
  return (
    <>
      {profiles.length === 0 && <p className="text-sm text-muted-foreground">{t("speak.profile.none")}</p>}
      <ul className="flex flex-col divide-y">
        {profiles.map((profile) => (
          <li key={profile.id}>
            <Row profile={profile} onEdit={() => onEdit(profile)} onDelete={() => setDoomed(profile)} />
          </li>
        ))}
      </ul>
      <Confirm
        isOpen={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t("speak.profile.deleteTitle", { name: doomed?.name ?? "" })}
        about={t("speak.profile.deleteAbout")}
        action={t("speak.profile.delete")}
        onConfirm={() => doomed && remove(doomed)}
        focusInstead={() => document.querySelector<HTMLElement>("[role='dialog']")}
      />
    </>
  );
}

/** A draft that was taken from it stays as it is. */
function useRemoval() {
  const { t } = useTranslation();
  const { mutate } = useDeleteProfile();
  return ({ id, name }: Profile) =>
    mutate(id, {
      onSuccess: () => {
        if (useDraft.getState().profileId === id) useDraft.setState({ profileId: "" });
        toast.done(t("speak.profile.deleted", { name }));
      },
      onError: (error) => toast.failed(t("speak.profile.notDeleted", { name }), error),
    });
}

interface RowProps {
  profile: Profile;
  onEdit: () => void;
  onDelete: () => void;
}

function Row({ profile, onEdit, onDelete }: RowProps) {
  const { t } = useTranslation();
  const { id, name, backend, voice, blend, speed, format, is_default: isDefault } = profile;
  const { mutate: makeDefault } = useMakeProfileDefault();
  const prefer = () =>
    makeDefault(id, { onError: (error) => toast.failed(t("speak.profile.notChanged", { name }), error) });
  return (
    <div className="flex items-center gap-2 py-2">
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2 font-medium wrap-anywhere">
          {name}
          {isDefault && <Badge tone="good">{t("speak.profile.default")}</Badge>}
        </p>
        <p className="text-xs wrap-anywhere text-muted-foreground">
          {inARow([backend, blend ?? voice, `${speed}×`, format])}
        </p>
      </div>
      <IconButton
        size="small-icon"
        label={t("speak.profile.makeDefault", { name })}
        aria-pressed={isDefault}
        onClick={isDefault ? undefined : prefer}
      >
        <Star className={isDefault ? "fill-current" : ""} />
      </IconButton>
      <IconButton size="small-icon" label={t("speak.profile.edit", { name })} onClick={onEdit}>
        <Pencil />
      </IconButton>
      <IconButton size="small-icon" label={t("speak.profile.deleteThis", { name })} onClick={onDelete}>
        <Trash2 />
      </IconButton>
    </div>
  );
}
