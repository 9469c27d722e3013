/** Durations and moments as people read them. */
import i18next from "i18next";
import { t } from "./strings";

/** "0:05", "12:40", "1:02:03". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** How long all of something is, "0:06" for 5.6 s: what is heard of it can be cut off, its length not. */
export function lengthOf(seconds: number): string {
  return clock(Math.round(seconds));
}

/** "5.2s", as the badge shows it. */
export function tenths(seconds: number): string {
  return `${seconds.toFixed(1)}s`;
}

/** "Less than a minute left", "About 5 minutes left", "About 1 h 20 min left": as roughly as it is known. */
export function timeLeft(seconds: number): string {
  if (seconds < 55) return t("time.underAMinute");
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return t("time.minutesLeft", { count: minutes });
  return t("time.hoursLeft", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** "14:05" for today, with the day for any other. */
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(i18next.language, {
    ...(!isToday && { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}
