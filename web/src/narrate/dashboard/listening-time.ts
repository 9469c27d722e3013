/** How long a story takes to listen to, guessed before anything is spoken. */
import { t } from "@/strings/strings";

/** What narrators and the engines speak of English prose at speed 1, pauses included. */
const CHARACTERS_A_SECOND = 15;

export function listeningSeconds(characters: number): number {
  return characters / CHARACTERS_A_SECOND;
}

/** "20 s", "3 min", "1 h 20 min": no finer than a guess can be. */
export function listeningTime(characters: number): string {
  const seconds = listeningSeconds(characters);
  if (seconds < 55) return t("narrate.import.seconds", { seconds: Math.max(5, Math.ceil(seconds / 5) * 5) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("narrate.import.minutes", { minutes });
  return t("narrate.import.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
