/** A draft that is too long for Speak goes on in Narrate's import dialogue: a link carries this state. */

export const TO_NARRATE = { brings: "draft" } as const;

/** Did somebody come with a draft? */
export const bringsDraft = (state: unknown): boolean =>
  typeof state === "object" && state !== null && "brings" in state && state.brings === TO_NARRATE.brings;
