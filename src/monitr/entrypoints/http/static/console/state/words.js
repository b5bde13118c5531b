// The words of the pages: words/LANGUAGE/PAGE.json, keys and texts. {name} stands for a parameter; a text with "one" and
// "other" goes by the parameter `count`. What a page does not say itself, the shell's words say.
import { language } from "./language.js";

const loaded = new Map();
const names = new Set(["shell"]);

async function load(chosen, name) {
  const key = `${chosen}/${name}`;
  if (loaded.has(key)) return;
  const response = await fetch(new URL(`../words/${key}.json`, import.meta.url));
  if (!response.ok) throw new Error(`There are no words ${key}.`);
  loaded.set(key, await response.json());
}

/** Brings the words of a page, in the language of now. */
export async function loadWords(name) {
  names.add(name);
  await load(language.get(), name);
}

/** Changes the language, once its words are here. */
export async function speak(chosen) {
  await Promise.all([...names].map((name) => load(chosen, name)));
  language.set(chosen);
}

/** A hook: `say(key, parameters)` in the words of a page. A parameter may be an element; then a list of children comes
 *  back in place of a text. */
export function useWords(name = "shell") {
  const chosen = language.use();
  return (key, parameters = {}) => {
    const text = loaded.get(`${chosen}/${name}`)?.[key] ?? loaded.get(`${chosen}/shell`)?.[key];
    if (text === undefined) throw new Error(`There is no text ${name}: ${key}.`);
    return fill(typeof text === "string" ? text : text[form(chosen, parameters.count)], parameters, chosen);
  };
}

/** A hook: whether `say` would find it. */
export function useHasWord(name = "shell") {
  const chosen = language.use();
  return (key) => key in (loaded.get(`${chosen}/${name}`) ?? {}) || key in (loaded.get(`${chosen}/shell`) ?? {});
}

const form = (chosen, count) => (new Intl.PluralRules(chosen).select(count) === "one" ? "one" : "other");

function fill(text, parameters, chosen) {
  const parts = text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? shown(parameters[part], chosen) : part));
  return parts.some((part) => typeof part === "object") ? parts : parts.join("");
}

const shown = (value, chosen) => (typeof value === "number" ? value.toLocaleString(chosen) : (value ?? ""));
