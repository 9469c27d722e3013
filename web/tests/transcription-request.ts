import { vi } from "vitest";

/** A request that does what a test tells it. */
export class FakeRequest {
  static made: FakeRequest[] = [];

  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void; onload?: () => void } =
    {};
  onprogress?: () => void;
  onload?: () => void;
  onerror?: () => void;
  status = 0;
  responseText = "";
  address = "";
  form = new FormData();
  isAborted = false;

  constructor() {
    FakeRequest.made.push(this);
  }

  open(method: string, address: string) {
    this.address = `${method} ${address}`;
  }
  send(form: FormData) {
    this.form = form;
  }
  abort() {
    this.isAborted = true;
  }

  /** What a server and a browser do. */
  sent(share: number) {
    this.upload.onprogress?.({ loaded: share * 100, total: 100 });
    if (share === 1) this.upload.onload?.();
  }
  tell(...events: object[]) {
    this.status = 200;
    this.responseText += events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    this.onprogress?.();
  }
  end() {
    this.onload?.();
  }
  refuse(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
  breakOff() {
    this.onerror?.();
  }
}

/** Replaces XMLHttpRequest; returns the requests as they are made. */
export function fakeRequests(): FakeRequest[] {
  FakeRequest.made = [];
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  return FakeRequest.made;
}

/** The event of a segment, a second for each word. */
export function delta(text: string, start = 0) {
  const words = text
    .split(" ")
    .map((word, place) => ({ word, start: start + place, end: start + place + 1 }));
  return { type: "transcript.text.delta", delta: text, start, end: start + words.length, words };
}

export const done = (text: string, fields: object = {}) => ({
  type: "transcript.text.done",
  text,
  language: "english",
  model: "moonshine-tiny",
  duration: 3,
  words_are_measured: false,
  history_id: "entry-1",
  ...fields,
});
