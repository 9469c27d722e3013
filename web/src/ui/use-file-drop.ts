import { useEffect, useEffectEvent, useState } from "react";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files dropped anywhere on the page; true while some are held over it. */
export function useFileDrop(onDrop: (files: File[]) => void, isEnabled: boolean): boolean {
  const [isOver, setIsOver] = useState(false);
  const over = useEffectEvent((event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // else the browser leaves the page for the file
    if (event.dataTransfer) event.dataTransfer.dropEffect = isEnabled ? "copy" : "none";
    setIsOver(isEnabled);
  });
  const leave = useEffectEvent((event: DragEvent) => {
    if (event.relatedTarget === null) setIsOver(false);
  });
  const drop = useEffectEvent((event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setIsOver(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (isEnabled && files.length > 0) onDrop(files);
  });

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener("dragenter", (event) => over(event), { signal });
    window.addEventListener("dragover", (event) => over(event), { signal });
    window.addEventListener("dragleave", (event) => leave(event), { signal });
    window.addEventListener("drop", (event) => drop(event), { signal });
    return () => stop.abort();
  }, []);
  return isOver;
}
