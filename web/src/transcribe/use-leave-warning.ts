import { useEffect } from "react";
import { useRecorder } from "./recorder";
import { isOpen, useTranscriptions } from "./transcriptions";

/** Asks before a tab is closed with which a recording, or what is being heard, would be lost. */
export function useLeaveWarning(): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      const isBusy = useTranscriptions.getState().list.some(isOpen);
      if (isBusy || useRecorder.getState().state !== "idle") event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);
}
