import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";

/** Longer than a screen reader takes to say it. */
const QUIET_MS = 4_000;

/** The moment of each segment's recording. */
const momentsOf = (segments: readonly Segment[]) =>
  new Map(segments.map((one) => [one.id, one.audio_created_at]));

/** Says which recordings have become ready, several at once when they come fast. */
export function Announcer({ segments }: { segments: readonly Segment[] }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const known = useRef(momentsOf(segments));
  const news = useRef<number[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const say = () => {
      timer.current = undefined;
      const [number, ...more] = news.current;
      if (number === undefined) return;
      news.current = [];
      setText(
        more.length === 0
          ? t("narrate.player.announceOne", { number })
          : t("narrate.player.announceMany", { count: more.length + 1 }),
      );
      timer.current = setTimeout(say, QUIET_MS);
    };
    for (const { id, sequence_index, audio_created_at } of segments)
      if (audio_created_at !== null && known.current.get(id) !== audio_created_at)
        news.current.push(sequence_index + 1);
    known.current = momentsOf(segments);
    if (timer.current === undefined) say();
  }, [segments, t]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
