import { useMemo } from "react";
import type { Segment } from "@/api/client";
import { usePeaks } from "@/api/segments";
import { type Playhead, Waveform } from "@/sound/waveform";
import { useSecondsHeard } from "./heard";
import { player, usePlayer } from "./player";

function playheadOf(segmentId: string): Playhead {
  return {
    now: () => {
      const now = usePlayer.getState();
      return now.segmentId === segmentId ? now.time : 0;
    },
    follow: (listener) =>
      usePlayer.subscribe((now, before) => {
        const isHere = now.segmentId === segmentId;
        if (isHere !== (before.segmentId === segmentId) || (isHere && now.time !== before.time)) listener();
      }),
  };
}

/** The outline of a segment's recording. */
export function SegmentWaveform({ segment }: { segment: Segment }) {
  const { data } = usePeaks(segment);
  const playhead = useMemo(() => playheadOf(segment.id), [segment.id]);
  return (
    <Waveform
      peaks={data?.peaks}
      duration={segment.audio_duration ?? 0}
      heard={useSecondsHeard(segment)}
      playhead={playhead}
      onSeek={(seconds) => player.seekIn(segment, seconds)}
      onToggle={() => player.toggle(segment)}
    />
  );
}
