/** What is unsaved when a person leaves is sent with requests that outlive the page. */
import { useEffect } from "react";
import { useStudio } from "@/api/events";
import { hasUnsavedDrafts, retryDrafts, saveAllDrafts, saveAllLeaving } from "./drafts";
import { flushDeletes } from "./pending-deletes";

export function useSavingOnLeave(): void {
  useEffect(() => {
    const stop = new AbortController();
    const warn = (event: BeforeUnloadEvent) => {
      if (!hasUnsavedDrafts()) return;
      void saveAllLeaving();
      event.preventDefault();
    };
    const leave = () => {
      void saveAllLeaving();
      void flushDeletes(true);
    };
    // A phone may end a page that is out of sight without a word.
    const hide = () => document.hidden && void saveAllDrafts();

    window.addEventListener("beforeunload", warn, stop);
    window.addEventListener("pagehide", leave, stop);
    document.addEventListener("visibilitychange", hide, stop);
    const unsubscribe = useStudio.subscribe(({ connection }, before) => {
      if (connection === "open" && before.connection !== "open") void retryDrafts();
    });
    return () => {
      stop.abort();
      unsubscribe();
      void saveAllDrafts();
      void flushDeletes();
    };
  }, []);
}
