import { type DragEvent, useState } from "react";
import { fileOf } from "./use-segment-image";

/** Files held over the card and dropped on it. */
export function useImageDrop(onFile: (file: File) => void) {
  const [depth, setDepth] = useState(0); // dragenter and dragleave come for each element inside
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const listeners = {
    onDragEnter: (event: DragEvent) => hasFiles(event) && setDepth((value) => value + 1),
    onDragLeave: (event: DragEvent) => hasFiles(event) && setDepth((value) => Math.max(0, value - 1)),
    onDragOver: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    },
    onDrop: (event: DragEvent) => {
      setDepth(0);
      const file = fileOf(event.dataTransfer);
      if (!file) return;
      event.preventDefault();
      onFile(file);
    },
  };
  return { isOver: depth > 0, listeners };
}
