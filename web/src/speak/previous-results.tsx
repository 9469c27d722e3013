/** What was spoken before in this tab of the browser, as the history has it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useHistoryEntry } from "@/api/history";
import { useDeletedEntries, useDeletingOnLeave } from "@/history/deletions";
import { EntryDialog } from "@/history/entry-detail";
import { EntryRow } from "@/history/entry-row";
import { Skeleton } from "@/ui/skeleton";
import { useSessionResults } from "./session-results";
import { useSpeaking } from "./speaking";

export function PreviousResults() {
  const { t } = useTranslation();
  const ids = useSessionResults((results) => results.ids);
  const shown = useSpeaking(({ spoken }) => spoken?.historyId);
  const deleted = useDeletedEntries();
  const [openId, setOpenId] = useState<string | null>(null);
  const previous = ids.filter((id) => id !== shown && !deleted.has(id));
  useDeletingOnLeave();
  if (previous.length === 0) return null;
  return (
    <section aria-labelledby="previous-results" className="flex flex-col gap-3">
      <header className="flex items-baseline justify-between gap-4">
        <h2 id="previous-results" className="text-lg font-semibold">
          {t("speak.previous")}
        </h2>
        <Link to="/history?type=tts" className="rounded-sm text-sm text-primary underline underline-offset-4">
          {t("speak.allHistory")}
        </Link>
      </header>
      <ul className="flex flex-col gap-3">
        {previous.map((id) => (
          <PreviousResult key={id} id={id} onOpen={setOpenId} />
        ))}
      </ul>
      <EntryDialog id={openId} onClose={() => setOpenId(null)} />
    </section>
  );
}

/** One that was deleted, here or elsewhere, is not shown. */
function PreviousResult({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const { data, isPending } = useHistoryEntry(id);
  if (isPending) return <Skeleton className="h-20" />;
  if (!data) return null;
  return (
    <li>
      <EntryRow entry={data} origin="speak" onOpen={() => onOpen(id)} />
    </li>
  );
}
