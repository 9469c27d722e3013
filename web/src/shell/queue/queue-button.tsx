import { ListTodo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStudio } from "@/api/events";
import { hasEnded } from "@/api/tasks";
import { IconButton } from "@/ui/icon-button";
import { setPanel } from "../panels";
import { useShortcut } from "../shortcuts";

/** Opens the queue; shows how many tasks run or wait. */
export function QueueButton() {
  const { t } = useTranslation();
  const count = useStudio(({ tasks }) => tasks.filter((task) => !hasEnded(task)).length);

  useShortcut("q", () => setPanel("queue", true), {
    group: t("shortcuts.everywhere"),
    label: t("shortcuts.queue"),
  });
  return (
    <IconButton
      label={count === 0 ? t("queue.open") : t("queue.openCount", { count })}
      className="relative"
      onClick={() => setPanel("queue", true)}
    >
      <ListTodo />
      {count > 0 && (
        <span
          aria-hidden
          className="absolute -top-0.5 -right-0.5 grid h-4 min-w-4 place-items-center rounded-full bg-primary px-1 text-[10px] leading-none font-semibold text-primary-foreground tabular-nums"
        >
          {count > 99 ? "99+" : count}
        </span>
      )}
    </IconButton>
  );
}
