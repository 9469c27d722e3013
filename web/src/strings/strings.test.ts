import { expect, test } from "vitest";
import en from "./en.json";

type Texts = { [name: string]: string | Texts };

function namesIn(texts: Texts, path = ""): string[] {
  return Object.entries(texts).flatMap(([name, text]) =>
    typeof text === "string" ? [path + name] : namesIn(text, `${path}${name}.`),
  );
}

/** Its plural forms are one text. */
const withoutPlural = (name: string) => name.replace(/_(zero|one|other)$/, "");

const sources = Object.entries(
  import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
)
  .filter(([path]) => !/\.test\.tsx?$|schema\.ts$/.test(path))
  .map(([, source]) => source)
  .join("\n");

/** What may be a name of a text: "ui.close", and `theme.${value}`, whose parts in braces may be any word. */
const mentioned = [...sources.matchAll(/["`]([a-z]\w*(?:\.(?:\w|\$\{[^}]*\})+)+)["`]/gi)].map(
  ([, name = ""]) => new RegExp(`^${name.replaceAll(".", "\\.").replaceAll(/\$\{[^}]*\}/g, "[^.]+")}$`),
);

// That each text which is used exists is checked by the compiler (strings.ts).
test("each text is used", () => {
  const texts = namesIn(en).map(withoutPlural);
  expect(texts.length).toBeGreaterThan(300);
  expect(texts.filter((name) => !mentioned.some((pattern) => pattern.test(name)))).toEqual([]);
});

test("each text with plurals has both of English", () => {
  const names = new Set(namesIn(en));
  const withPlural = [...names].filter((name) => /_(zero|one|other)$/.test(name)).map(withoutPlural);
  const missing = [...new Set(withPlural)].filter(
    (name) => !names.has(`${name}_one`) || !names.has(`${name}_other`),
  );
  expect(missing).toEqual([]);
});
