/** Where the server asks for a key, a cookie stands for it; media and event streams send it by themselves. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { browserStorage } from "@/browser-storage";
import { api, onKeyNeeded } from "./client";

interface Session {
  /** A key was given in this browser; the cookie itself cannot be seen by the page. */
  isOpen: boolean;
  /** The server has refused an answer for want of a key, and none was given since. */
  isKeyNeeded: boolean;
  /** The key is asked for; it can be put off, and is asked for again when the server refuses the next answer. */
  isAsking: boolean;
  /** Grows with each opening and closing. */
  version: number;
}

export const useSession = create<Session>()(
  persist((): Session => ({ isOpen: false, isKeyNeeded: false, isAsking: false, version: 0 }), {
    name: "parlando.session",
    storage: createJSONStorage(() => browserStorage),
    partialize: ({ isOpen }) => ({ isOpen }),
  }),
);

onKeyNeeded(() => useSession.setState({ isKeyNeeded: true, isAsking: true }));

export async function openSession(key: string): Promise<void> {
  await api.POST("/api/session/", { body: { key } });
  useSession.setState(({ version }) => ({
    isOpen: true,
    isKeyNeeded: false,
    isAsking: false,
    version: version + 1,
  }));
}

export async function closeSession(): Promise<void> {
  await api.DELETE("/api/session/");
  useSession.setState(({ version }) => ({ isOpen: false, version: version + 1 }));
}
