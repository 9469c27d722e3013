/** How fast models come, in bytes a second by the model's id, as the event stream lets tell. */
import { create } from "zustand";
import { useStudio } from "@/api/events";

export const usePullSpeeds = create<Readonly<Record<string, number>>>(() => ({}));

/** Over which a speed is told: shorter ones jump about. */
const WINDOW_MS = 5_000;

export class Speedometer {
  #samples: { at: number; bytes: number }[] = [];

  /** Bytes a second of late; 0 until there is something to compare with. */
  tell(at: number, bytes: number): number {
    const isNew = (this.#samples.at(-1)?.bytes ?? 0) > bytes; // begun anew
    this.#samples = [...(isNew ? [] : this.#samples), { at, bytes }];
    while ((this.#samples[1]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    return first && at > first.at ? ((bytes - first.bytes) * 1000) / (at - first.at) : 0;
  }
}

const meters = new Map<string, Speedometer>();

function meterOf(model: string): Speedometer {
  const meter = meters.get(model) ?? new Speedometer();
  meters.set(model, meter);
  return meter;
}

useStudio.subscribe(({ pulls }, before) => {
  if (pulls === before.pulls) return;
  const running = pulls.filter(({ state }) => state === "downloading");
  const now = performance.now();
  for (const model of meters.keys()) if (!running.some((pull) => pull.model === model)) meters.delete(model);
  usePullSpeeds.setState(
    Object.fromEntries(running.map(({ model, bytes_done }) => [model, meterOf(model).tell(now, bytes_done)])),
    true,
  );
});
