/**
 * What the built page says about the code of others in it. Vite lists the packages whose scripts it bundled;
 * the style sheet's package is added here.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

/** As the program serves it (src/api/page.c). */
export const LICENSES = "licenses.txt";

const STYLES = "tailwindcss";

function stylesLicense(): string {
  const about = createRequire(import.meta.url).resolve(`${STYLES}/package.json`);
  const { version, license } = JSON.parse(readFileSync(about, "utf8")) as Record<string, string>;
  const text = readFileSync(join(dirname(about), "LICENSE"), "utf8");
  return `\n## ${STYLES} - ${version} (${license})\n\n${text.trim()}\n`;
}

export function licenseOfStyles(): Plugin {
  return {
    name: "license of styles",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const list = bundle[LICENSES];
        if (list?.type !== "asset") this.error(`${LICENSES} was not made`);
        list.source = String(list.source) + stylesLicense();
      },
    },
  };
}
