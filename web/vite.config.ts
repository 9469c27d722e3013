import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { LICENSES, licenseOfStyles } from "./licenses.ts";

/** A running `parlando serve`, for `npm run dev`. */
const server = process.env.PARLANDO_URL ?? "http://127.0.0.1:8100";

/** The server refuses changes that come from pages of another origin; the development server is one. */
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  plugins: [react(), tailwindcss(), licenseOfStyles()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: LICENSES },
  },
  server: { proxy: { "/api": proxied, "/media": proxied, "/v1": proxied } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 60_000, // the machine may do other tests beside, and build for them
  },
});
