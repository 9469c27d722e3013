/** Where the server asks for a key, a cookie stands for it; media and event streams send it by themselves. */
import { api } from "./client";

export async function openSession(key: string): Promise<void> {
  await api.POST("/api/session/", { body: { key } });
}

export async function closeSession(): Promise<void> {
  await api.DELETE("/api/session/");
}
