/** What a hand does that Playwright has no word for. */
import type { Locator } from "@playwright/test";

interface DroppedFile {
  name: string;
  type: string;
  content: string | Buffer;
}

/** Holds a file over what is there; the returned function lets it go. */
export async function holdFile(
  target: Locator,
  { name, type, content }: DroppedFile,
): Promise<() => Promise<void>> {
  const base64 = Buffer.from(content).toString("base64");
  const dataTransfer = await target.page().evaluateHandle(
    (file) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], file.name, { type: file.type }));
      return transfer;
    },
    { name, type, base64 },
  );
  for (const event of ["dragenter", "dragover"]) await target.dispatchEvent(event, { dataTransfer });
  return () => target.dispatchEvent("drop", { dataTransfer });
}

/** Pastes text where the focus is, as from another program. */
export async function pasteText(focused: Locator, text: string): Promise<void> {
  await focused.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}
