/**
 * What the page plays. Its audio elements are in no document, so their making is watched; and what sounded is
 * written down by the page itself, since on a busy machine a short recording is over before anybody asks.
 */
import type { Page } from "@playwright/test";

/** A recording that sounded, and the furthest moment of it, in seconds. */
interface Sound {
  path: string;
  seconds: number;
}

declare global {
  interface Window {
    madeAudio: HTMLAudioElement[];
    sounds: Sound[];
  }
}

export async function watchSound(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: HTMLAudioElement[] = [];
    const sounds: Sound[] = [];
    const note = (audio: HTMLAudioElement) => {
      if (audio.paused && !audio.ended) return; // it is moved, not heard
      const { pathname: path } = new URL(audio.src);
      if (sounds.at(-1)?.path !== path) sounds.push({ path, seconds: 0 });
      const sound = sounds[sounds.length - 1];
      if (sound) sound.seconds = Math.max(sound.seconds, audio.currentTime);
    };
    window.madeAudio = made;
    window.sounds = sounds;
    window.Audio = class extends Audio {
      constructor(source?: string) {
        super(source);
        made.push(this);
        for (const event of ["playing", "timeupdate", "ended"])
          this.addEventListener(event, () => note(this));
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

/** What has sounded since the page was loaded, in that order. */
export const sounds = (page: Page): Promise<Sound[]> => page.evaluate(() => window.sounds);

/** How far the last of them was heard, even when it is over. */
export const lastHeard = async (page: Page): Promise<number> => (await sounds(page)).at(-1)?.seconds ?? 0;
