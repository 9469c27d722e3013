import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, useEffect } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { watchStudio } from "./api/events";
import { Dashboard } from "./narrate/dashboard/dashboard";
import { queryClient } from "./query-client";
import { ErrorBoundary } from "./shell/error-boundary";
import { NotFound } from "./shell/not-found";
import { Shell } from "./shell/shell";
import { TipProvider } from "./ui/tip";

/** Most of the script; the shell shows that it is being fetched. */
const Timeline = lazy(async () => ({ default: (await import("./narrate/timeline/timeline")).Timeline }));

const Speak = lazy(async () => ({ default: (await import("./speak/speak")).Speak }));
const Transcribe = lazy(async () => ({ default: (await import("./transcribe/transcribe")).Transcribe }));
const History = lazy(async () => ({ default: (await import("./history/history")).History }));
const Models = lazy(async () => ({ default: (await import("./models/models")).Models }));

export function App() {
  useEffect(() => watchStudio(queryClient), []);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queryClient}>
        <TipProvider delayDuration={400}>
          <BrowserRouter>
            <Routes>
              <Route element={<Shell />}>
                <Route index element={<Navigate to="/narrate" replace />} />
                <Route path="narrate" element={<Dashboard />} />
                <Route path="narrate/:projectId" element={<Timeline />} />
                <Route path="speak" element={<Speak />} />
                <Route path="transcribe" element={<Transcribe />} />
                <Route path="history" element={<History />} />
                <Route path="models" element={<Models />} />
                <Route path="*" element={<NotFound />} />
              </Route>
            </Routes>
          </BrowserRouter>
        </TipProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
