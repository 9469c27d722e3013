import { LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import { closeSession, useSession } from "@/api/session";
import { IconButton } from "@/ui/icon-button";
import { toast } from "@/ui/toast";

/** Only where a key was given. */
export function SignOut() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const isOpen = useSession((session) => session.isOpen);

  if (!isOpen) return null;
  const leave = () =>
    closeSession()
      .then(() => client.resetQueries())
      .catch((error: unknown) => toast.failed(t("session.leaveFailed"), error));
  return (
    <IconButton label={t("session.leave")} onClick={() => void leave()}>
      <LogOut />
    </IconButton>
  );
}
