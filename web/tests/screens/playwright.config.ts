import { defineConfig } from "@playwright/test";
import tests from "../../playwright.config";

/** `npm run screens`: the pictures of docs/screens, taken of the real page; they are no tests. */
export default defineConfig({
  ...tests,
  testDir: ".",
  testMatch: "screens.ts",
  workers: 1,
  timeout: 900_000,
  expect: { timeout: 300_000 }, // real voices take their time
  use: { ...tests.use, trace: "off", viewport: { width: 1280, height: 800 } },
});
