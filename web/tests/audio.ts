/** A media element that does what a test tells it. */
export class FakeAudio extends EventTarget {
  src = "";
  preload = "";
  currentTime = 0;
  duration = Number.NaN;
  paused = true;
  ended = false;
  error: unknown = null;
  /** Each address it was told to load. */
  loads: string[] = [];

  load() {
    this.error = null;
    this.paused = true;
    this.ended = false;
    this.currentTime = 0;
    this.loads.push(this.src);
  }
  removeAttribute(name: string) {
    if (name === "src") this.src = "";
  }
  play(): Promise<void> {
    if (this.ended) this.currentTime = 0;
    this.ended = false;
    this.paused = false;
    return Promise.resolve();
  }
  pause() {
    if (this.paused) return;
    this.paused = true;
    this.#tell("pause");
  }

  /** What a browser does. */
  begin() {
    this.#tell("playing");
  }
  reach(time: number) {
    this.currentTime = time;
    this.#tell("timeupdate");
  }
  end() {
    this.paused = true;
    this.ended = true;
    this.#tell("pause");
    this.#tell("ended");
  }
  fail() {
    this.error = { code: 4 };
    this.#tell("error");
  }
  #tell(name: string) {
    this.dispatchEvent(new Event(name));
  }
}

/** A maker of them, and those it made. */
export function fakeAudios() {
  const audios: FakeAudio[] = [];
  const create = () => {
    const audio = new FakeAudio();
    audios.push(audio);
    return audio as unknown as HTMLAudioElement;
  };
  /** The one that is to sound now. */
  const sounding = () => {
    const [audio, ...more] = audios.filter((one) => !one.paused);
    if (!audio || more.length > 0) throw new Error(`${audio ? more.length + 1 : 0} sound at once`);
    return audio;
  };
  return { audios, create, sounding };
}
