/** Says what just happened to those who do not see it. */
import { create } from "zustand";

const useAnnouncement = create<{ text: string }>(() => ({ text: "" }));

export function announce(text: string): void {
  // The same words twice are read twice only if they differ.
  useAnnouncement.setState((before) => ({ text: before.text === text ? `${text}\u00a0` : text }));
}

export function Announcer() {
  const text = useAnnouncement(({ text }) => text);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
