import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Button } from "@/ui/button";
import { NoticeBar } from "./notice";

/** Leads back to the key's dialog. It stays below the dialog, so that closing that returns to the button. */
export function KeyNotice() {
  const { t } = useTranslation();
  const isKeyNeeded = useSession((session) => session.isKeyNeeded);

  return (
    <div role="status">
      {isKeyNeeded && (
        <NoticeBar icon={KeyRound}>
          {t("session.needed")}
          <Button look="outline" size="small" onClick={() => useSession.setState({ isAsking: true })}>
            {t("session.ask")}
          </Button>
        </NoticeBar>
      )}
    </div>
  );
}
