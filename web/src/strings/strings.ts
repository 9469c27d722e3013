/**
 * Every text that a person reads is in en.json, by its place on the page. A translation is a second file
 * with the same keys. Plurals end in _one and _other and take a count.
 */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false }, // React does
  initAsync: false,
  showSupportNotice: false,
});

export const t = i18next.t.bind(i18next);
