import { Suspense, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router";
import { usePullEnds } from "@/models/pull-ends";
import { VoiceHint } from "@/models/voice-hint";
import { SkeletonList } from "@/ui/skeleton";
import { ConnectionNotice } from "./connection";
import { ErrorBoundary } from "./error-boundary";
import { Header } from "./header";
import { KeyDialog } from "./key-dialog";
import { KeyNotice } from "./key-notice";
import { usePageFocus } from "./page-focus";
import { QueuePanel } from "./queue/queue-panel";
import { useTaskEnds } from "./queue/task-ends";
import { ShortcutsOverlay } from "./shortcuts-overlay";
import { Toaster } from "./toaster";

/**
 * What is around every page. The main area is a column that scrolls; a page with a scroll container of its
 * own fills it (`min-h-0 flex-1`).
 */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);

  usePageFocus(main);
  useTaskEnds();
  usePullEnds();
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-card focus:px-4 focus:py-2 focus:text-sm focus:font-medium focus:shadow-lg"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("shell.skip")}
      </a>
      <Header />
      <ConnectionNotice />
      <KeyNotice />
      <VoiceHint />
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-none"
      >
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <QueuePanel />
      <ShortcutsOverlay />
      <KeyDialog />
      <Toaster />
    </div>
  );
}

/** While a page's script is fetched. */
function PageSkeleton() {
  return (
    <div className="mx-auto w-full max-w-5xl p-4 sm:p-6">
      <SkeletonList count={4} />
    </div>
  );
}
