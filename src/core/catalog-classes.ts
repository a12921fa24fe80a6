import type { CatalogEntry, JsonObject } from "./run.ts";

/** What the names of classes, and of forms, have in them whose data are loaded by executing what is in them. */
const EXECUTING = /pickle|joblib|\bdill\b|torch|keras|tensorflow|mlflow/i;
/** Keys that choose how a class of several forms reads. */
const FORMS: ReadonlySet<string> = new Set(["file_format", "backend"]);

/** Lists the classes that an entry names, those that it wraps included, each after the keys that lead to it. */
export function listClasses(config: JsonObject): string[] {
  // Kedro takes the wrapped class alone for a whole entry.
  return listTexts(config, (key) => key === "type" || key === "dataset").map(({ keys, text }) => `${keys}: ${text}`);
}

/**
 * The class of an entry, or the form that it reads, by which to load its data executes what is in them, as far as its name tells; null
 * of any other.
 */
export function findExecuting(entry: CatalogEntry | null): string | null {
  const isHow = (key: string) => key === "type" || key === "dataset" || FORMS.has(key);
  const found = entry === null ? [] : listTexts(entry.config, isHow).filter(({ text }) => EXECUTING.test(text));
  return found[0]?.text ?? null;
}

function listTexts(
  config: JsonObject,
  isWanted: (key: string) => boolean,
  above = "",
): { keys: string; text: string }[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const keys = `${above}${key}`;
    if (typeof value === "string") return isWanted(key) ? [{ keys, text: value }] : [];
    const isInner = typeof value === "object" && value !== null && !Array.isArray(value);
    return isInner ? listTexts(value, isWanted, `${keys}.`) : [];
  });
}
