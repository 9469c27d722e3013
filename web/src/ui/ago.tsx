import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { t } from "@/strings/strings";

const MINUTE_MS = 60_000;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "just now", "5 minutes ago", "yesterday". Clocks of two machines differ: the future is now, too. */
export function ago(at: number, now: number, language: string): string {
  const seconds = (now - at) / 1000;
  const unit = UNITS.find(([, length]) => seconds >= length);
  if (!unit) return t("time.justNow");
  const [name, length] = unit;
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(
    -Math.floor(seconds / length),
    name,
  );
}

// One timer for all that show a time.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const tell of listeners) tell();
  }, MINUTE_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const minute = () => Math.ceil(Date.now() / MINUTE_MS);

/** How long ago, kept up to date; the moment itself is the tip. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const { i18n } = useTranslation();
  const now = useSyncExternalStore(subscribe, minute) * MINUTE_MS;
  const moment = new Date(at);
  const exact = moment.toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return (
    <time dateTime={at} title={exact} className={className}>
      {ago(moment.getTime(), now, i18n.language)}
    </time>
  );
}
