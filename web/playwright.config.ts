import { defineConfig, devices } from "@playwright/test";

const MEASURING = "performance.spec.ts";

/** Debian's Chromium against the real program; tests/browser/studio.ts starts one for each test file. */
export default defineConfig({
  testDir: "tests/browser",
  outputDir: "test-results",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: process.env.CI ? "line" : "list",
  // What measures time and memory runs last, with nothing beside it; --no-deps runs it by itself.
  projects: [
    { name: "page", testIgnore: MEASURING },
    { name: "measuring", testMatch: MEASURING, dependencies: ["page"], workers: 1 },
  ],
  use: {
    ...devices["Desktop Chrome"],
    actionTimeout: 15_000,
    // A third of the processor's time; a failure has its call log and a picture of the page in words anyway.
    trace: process.env.PARLANDO_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: process.env.PARLANDO_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
});
