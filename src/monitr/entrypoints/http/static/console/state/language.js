// The language of the page and of what the API says; it is remembered in this browser.
import { store } from "./store.js";

export const LANGUAGES = { en: "English", nl: "Nederlands", fr: "Français" };
export const LOCALES = { en: "en-GB", nl: "nl-BE", fr: "fr-BE" };

const KEY = "monitr.language";
const preferred = () => navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in LANGUAGES) ?? "en";
const kept = localStorage.getItem(KEY);

/** "en", "nl" or "fr". To change it, `speak` of words.js: the words have to be there first. */
export const language = store(kept in LANGUAGES ? kept : preferred());

document.documentElement.lang = language.get();
language.onChange((chosen) => {
  localStorage.setItem(KEY, chosen);
  document.documentElement.lang = chosen;
});
