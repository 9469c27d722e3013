/** What the page plays: its audio elements are in no document, so their making is watched. */
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    madeAudio: HTMLAudioElement[];
  }
}

export async function watchSound(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: HTMLAudioElement[] = [];
    window.madeAudio = made;
    window.Audio = class extends Audio {
      constructor(source?: string) {
        super(source);
        made.push(this);
      }
    };
  });
}

/** The element that sounds: where it is, and in which recording; null in silence. */
export function sounding(page: Page): Promise<{ time: number; path: string } | null> {
  return page.evaluate(() => {
    const audio = window.madeAudio.find(({ paused, ended }) => !paused && !ended);
    return audio ? { time: audio.currentTime, path: new URL(audio.src).pathname } : null;
  });
}

/** Seconds into the recording that sounds. */
export const heard = async (page: Page): Promise<number> => (await sounding(page))?.time ?? 0;
