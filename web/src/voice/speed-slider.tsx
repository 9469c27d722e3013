import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Slider } from "@/ui/slider";

const STEP = 0.05;
const SETTLED_MS = 400;

/** Multiples of the step, without the traces of binary fractions. */
const rounded = (speed: number) => Math.round(speed / STEP) / Math.round(1 / STEP);

interface SpeedSliderProps {
  speed: number;
  min: number;
  max: number;
  onSettle: (speed: number) => void;
}

/** Tells of a speed once it has not changed for a moment: each key moves it a step. */
export function SpeedSlider({ speed, min, max, onSettle }: SpeedSliderProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<number | null>(null);
  const waiting = useRef<{ timer: ReturnType<typeof setTimeout>; settle: () => void }>(undefined);
  const shown = chosen ?? speed;

  const choose = (value: number) => {
    const next = rounded(value);
    clearTimeout(waiting.current?.timer);
    setChosen(next);
    const settle = () => {
      waiting.current = undefined;
      onSettle(next);
      setChosen(null);
    };
    waiting.current = { timer: setTimeout(settle, SETTLED_MS), settle };
  };
  useEffect(
    () => () => {
      clearTimeout(waiting.current?.timer);
      waiting.current?.settle();
    },
    [],
  );

  return (
    <div className="flex items-center gap-3">
      <span aria-hidden className="text-sm">
        {t("voice.speed")}
      </span>
      <Slider
        value={shown}
        min={min}
        max={max}
        step={STEP}
        label={t("voice.speed")}
        valueText={t("voice.speedText", { speed: shown })}
        onChange={choose}
      />
      <span aria-hidden className="w-12 text-right text-sm tabular-nums">
        {shown.toFixed(2)}×
      </span>
    </div>
  );
}
