/** Where the focus goes when what was pressed is gone afterwards. */
import { flushSync } from "react-dom";
import { useTranscriptions } from "./transcriptions";

/** Of the button that shows a recording. */
export const recordingButtonId = (id: string) => `recording-${id}`;

/** Of the one that brings new ones. */
export const CHOOSE_ID = "choose-recordings";

/** Does it to a recording, and leaves the focus at that; where it is gone, at the one shown instead. */
export function actOn(id: string, act: (id: string) => void): void {
  flushSync(() => act(id));
  const places = [id, useTranscriptions.getState().shownId ?? ""].map(recordingButtonId);
  const target = [...places, CHOOSE_ID]
    .map((place) => document.getElementById(place))
    .find((one) => one !== null);
  target?.focus();
}
