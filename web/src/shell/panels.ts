import { create } from "zustand";

type Panel = "queue" | "shortcuts";

/** Which of the shell's panels is open; one at a time. */
export const usePanels = create<{ open: Panel | null }>(() => ({ open: null }));

export function setPanel(panel: Panel, isOpen: boolean): void {
  usePanels.setState(({ open }) => ({ open: isOpen ? panel : open === panel ? null : open }));
}
