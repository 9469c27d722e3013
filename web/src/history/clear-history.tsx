import { useTranslation } from "react-i18next";
import { type HistoryFilter, useClearHistory } from "@/api/history";
import { clipPlayer } from "@/sound/clip-player";
import { Confirm } from "@/ui/confirm";
import { toast } from "@/ui/toast";

interface ClearHistoryProps {
  isOpen: boolean;
  onClose: () => void;
  filter: HistoryFilter;
  /** How many that are. */
  count: number;
}

/** Asks, and says how many entries go: those that are shown, not others. */
export function ClearHistory({ isOpen, onClose, filter, count }: ClearHistoryProps) {
  const { t } = useTranslation();
  const { mutate } = useClearHistory();
  const { type, search } = filter;
  const clear = () => {
    clipPlayer.stop();
    mutate(filter, {
      onSuccess: (deleted) => toast.done(t("history.cleared", { count: deleted })),
      onError: (error) => toast.failed(t("history.notCleared"), error),
    });
  };
  return (
    <Confirm
      isOpen={isOpen}
      onOpenChange={onClose}
      title={t(`history.clearTitle.${type ?? "all"}`, { count })}
      about={search === "" ? t("history.clearAbout") : t("history.clearFound", { search })}
      action={t("history.clearAction")}
      onConfirm={clear}
      focusInstead={() => document.querySelector<HTMLElement>("h1")}
    />
  );
}
