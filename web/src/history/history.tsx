import { AudioLines, SearchX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { wordsOf } from "@/api/client";
import { type HistoryFilter, useHistory } from "@/api/history";
import { usePageTitle } from "@/shell/page-title";
import { useShortcut } from "@/shell/shortcuts";
import { useSearch } from "@/shell/use-search";
import { Result } from "@/speak/result";
import { speaker, useSpeaking } from "@/speak/speaking";
import { useClipKeys } from "@/sound/use-clip-keys";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/problem";
import { SkeletonList } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { ClearHistory } from "./clear-history";
import { undoDeleteEntry, useDeletedEntries, useDeletingOnLeave } from "./deletions";
import { EntryDialog } from "./entry-detail";
import { EntryRow } from "./entry-row";
import { HistoryHeader } from "./history-header";
import { KeepHistory } from "./keep-history";
import { pageCount, Pages } from "./pages";
import { usePlace } from "./use-place";

/** All that was spoken and heard. */
export function History() {
  const { t } = useTranslation();
  const { search, draft, setDraft } = useSearch();
  const { type, page, entryId, setType, setPage, setEntryId } = usePlace();
  const filter: HistoryFilter = { type, search };
  const query = useHistory(filter, page);
  const deleted = useDeletedEntries();
  const [dialog, setDialog] = useState<"clear" | "settings" | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const close = () => setDialog(null);

  const entries = (query.data?.items ?? []).filter(({ id }) => !deleted.has(id));
  const hiddenCount = (query.data?.items.length ?? 0) - entries.length;
  const total = (query.data?.total ?? 0) - hiddenCount;
  const isSettled = query.isSuccess && !query.isPlaceholderData;
  const lastPage = pageCount(query.data?.total ?? 0);
  useEffect(() => {
    if (isSettled && total > 0 && page > lastPage) setPage(lastPage);
  }); // the last entries of the last page were deleted, or the address is of another day
  const turn = (to: number) => {
    setPage(to);
    document.querySelector("main")?.scrollTo({ top: 0 });
  };
  const undo = () => {
    if (!undoDeleteEntry()) toast.say(t("history.nothingToUndo"));
  };

  usePageTitle(t("history.tab"));
  useDeletingOnLeave();
  useClipKeys(t("history.tab"));
  useShortcut("/", () => searchField.current?.focus(), {
    group: t("history.tab"),
    label: t("history.search"),
  });
  useShortcut("u", undo, { group: t("history.tab"), label: t("ui.undo") });

  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-5 px-4 py-6 sm:px-6">
      <HistoryHeader
        type={type}
        onTypeChange={setType}
        searchField={searchField}
        draft={draft}
        onDraftChange={setDraft}
        status={isSettled ? t("history.count", { count: total }) : ""}
        canClear={total > 0}
        onClear={() => setDialog("clear")}
        onSettings={() => setDialog("settings")}
      />
      <SpokenAgain />
      {query.isPending ? (
        <SkeletonList count={5} />
      ) : query.error ? (
        <Problem title={t("history.loadFailed")} reason={wordsOf(query.error)}>
          <Button look="outline" size="small" onClick={() => void query.refetch()}>
            {t("history.retry")}
          </Button>
        </Problem>
      ) : total === 0 && isSettled ? (
        <Nothing isFiltered={search !== "" || type !== undefined} />
      ) : (
        <ul
          aria-label={t("history.tab")}
          aria-busy={query.isPlaceholderData}
          className="flex flex-col gap-3 aria-busy:opacity-60"
        >
          {entries.map((entry) => (
            <li key={entry.id}>
              <EntryRow entry={entry} origin="history" onOpen={({ id }) => setEntryId(id)} />
            </li>
          ))}
        </ul>
      )}
      <Pages page={page} total={query.data?.total ?? 0} onTurn={turn} />
      <EntryDialog id={entryId} onClose={() => setEntryId(null)} />
      <ClearHistory isOpen={dialog === "clear"} onClose={close} filter={filter} count={total} />
      <KeepHistory isOpen={dialog === "settings"} onClose={close} bytes={query.data?.bytes} />
    </div>
  );
}

/** What was asked for here. */
function SpokenAgain() {
  const isHere = useSpeaking(({ wish }) => wish?.origin === "history");
  return isHere ? <Result onClose={() => speaker.clear()} /> : null;
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  const Icon = isFiltered ? SearchX : AudioLines;
  return (
    <section className="flex flex-col items-center gap-3 py-16 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-muted text-muted-foreground">
        <Icon aria-hidden className="size-6" />
      </span>
      <h2 className="font-serif text-xl font-semibold">
        {t(isFiltered ? "history.noMatch" : "history.empty")}
      </h2>
      <p className="max-w-md text-sm text-muted-foreground">
        {t(isFiltered ? "history.noMatchAbout" : "history.emptyAbout")}
      </p>
      {!isFiltered && (
        <Button asChild>
          <Link to="/speak">{t("history.toSpeak")}</Link>
        </Button>
      )}
    </section>
  );
}
