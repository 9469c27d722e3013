/** Facts in a row. A dot stays with what it follows, so that no line begins with one. */
export const inARow = (facts: readonly string[]) => facts.join("\u00a0· ");
