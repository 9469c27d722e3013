/** Where on the timeline a person is: the current segment, and what is to be focused once it is there. */
import { create } from "zustand";

export type Part = "card" | "text";

interface Place {
  currentId: string | null;
  wanted: { id: string; part: Part } | null;
}

const NOWHERE: Place = { currentId: null, wanted: null };

export const usePlace = create<Place>(() => NOWHERE);

export function setCurrent(id: string | null): void {
  if (usePlace.getState().currentId !== id) usePlace.setState({ currentId: id });
}

/** Goes to a segment: it is brought into view, and it or its text is focused. */
export function goTo(id: string, part: Part = "card"): void {
  usePlace.setState({ currentId: id, wanted: { id, part } });
}

export function arrived(): void {
  usePlace.setState({ wanted: null });
}

export function leavePlace(): void {
  usePlace.setState(NOWHERE);
}
