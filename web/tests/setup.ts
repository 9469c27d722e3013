import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

afterEach(cleanup);
configure({ asyncUtilTimeout: 20_000 }); // no test waits that long unless it fails

// What jsdom lacks and Radix asks for.
class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

vi.stubGlobal("ResizeObserver", NoObserver);
vi.stubGlobal("matchMedia", (media: string) => ({
  matches: false,
  media,
  addEventListener() {},
  removeEventListener() {},
}));
Object.assign(Element.prototype, {
  scrollIntoView() {},
  hasPointerCapture: () => false,
  setPointerCapture() {},
});

// And what it lacks of files.
function read(blob: Blob): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error ?? new Error("a file could not be read"));
    reader.readAsArrayBuffer(blob);
  });
}

Object.assign(Blob.prototype, {
  arrayBuffer(this: Blob) {
    return read(this);
  },
  async text(this: Blob) {
    return new TextDecoder().decode(await read(this));
  },
});
