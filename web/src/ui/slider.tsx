import { Slider as Radix } from "radix-ui";

interface SliderProps {
  value: number;
  min: number;
  max: number;
  step: number;
  label: string;
  /** What is read out instead of the number: "0:02 of 0:05". */
  valueText: string;
  onChange: (value: number) => void;
  /** Once the hand or the key is off it. */
  onCommit?: (value: number) => void;
}

export function Slider({ value, min, max, step, label, valueText, onChange, onCommit }: SliderProps) {
  return (
    <Radix.Root
      value={[value]}
      min={min}
      max={max}
      step={step}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
      className="relative flex h-6 w-full touch-none items-center select-none"
    >
      <Radix.Track className="relative h-1.5 grow rounded-full bg-muted">
        <Radix.Range className="absolute h-full rounded-full bg-primary" />
      </Radix.Track>
      <Radix.Thumb
        aria-label={label}
        aria-valuetext={valueText}
        className="block size-4 rounded-full border-2 border-primary bg-card shadow"
      />
    </Radix.Root>
  );
}
