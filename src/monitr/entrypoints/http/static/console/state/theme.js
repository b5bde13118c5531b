// Light, dark, or as the system has it; theme.js at the root sets it before the first paint.
import { store } from "./store.js";

const KEY = "monitr.theme";
export const THEMES = ["system", "light", "dark"];
export const theme = store(localStorage.getItem(KEY) ?? "system");

theme.onChange((chosen) => {
  if (chosen === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, chosen);
    document.documentElement.dataset.theme = chosen;
  }
});
