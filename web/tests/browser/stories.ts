/** What the tests narrate. */

/** Seconds long when spoken, so that it is soon heard to its end. */
export const SHORT = ["One bell rang.", "Two birds answered.", "Then it was quiet."];

/**
 * Keeps the only worker of a server busy for longer than a test lasts; whoever starts it cancels it.
 * (Espeak makes some 13 minutes of sound a second.)
 */
export const ENDLESS = "The quick brown fox jumps over the lazy dog. ".repeat(4000);

/** Text that no engine can speak: nothing is left of it to be said. (An import would leave it out.) */
export const UNSPEAKABLE = "...";

export function sentences(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `Sentence number ${i + 1} of this story.`);
}

/** One that is not over while a test looks at what sounds. */
export const lasting = (text: string): string => `${text} `.repeat(20);

/** A file as a person would have it: blank lines between the segments, and prompts for two of them. */
export const STORY_FILE = `Title: The Lamp at Gull Point

Text: Every evening at dusk, old Maren climbed the ninety-one steps of the lighthouse.
Prompt: A lighthouse on a cliff at dusk, watercolour

Text: That night the fog came in like wool, and the lamp would not light.
Prompt: Thick fog around a dark lighthouse

Text: So she took the ship's bell from the wall and began to ring.
`;
