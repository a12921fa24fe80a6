import type { CatalogEntry, Json, JsonObject } from "./run.ts";

/** Parts of the names of classes, and of forms, that execute code in the data when they load them. */
const EXECUTING = /pickle|joblib|\bdill\b|torch|keras|tensorflow|mlflow/i;
/** Class of our own pickles: of declared outputs in no catalog. What a catalog has is never saved by it. */
export const OWN_PICKLE = "runweave_worker.datasets.PickleDataset";
/** Keys that choose how a class of several forms reads. */
const FORMS: ReadonlySet<string> = new Set(["file_format", "backend"]);

/** Lists the classes that an entry names, those that it wraps included, each after the keys that lead to it. */
export function listClasses(config: JsonObject): string[] {
  // Kedro takes the wrapped class alone for a whole entry.
  return listTexts(config, (key) => key === "type" || key === "dataset").map(({ keys, text }) => `${keys}: ${text}`);
}

/** A text of an entry, and the keys that lead to it, joined by dots. */
interface EntryText {
  keys: string;
  text: string;
}

/**
 * Lists the classes and forms of an entry that execute code in the data when they load them, as far as their names tell. Wrapped
 * classes are included.
 */
export function listExecuting(entry: CatalogEntry | null): EntryText[] {
  const isHow = (key: string) => key === "type" || key === "dataset" || FORMS.has(key);
  return entry === null ? [] : listTexts(entry.config, isHow).filter(({ text }) => EXECUTING.test(text));
}

/** True if the entry's own class executes code when it loads data, in one of its forms or always, and no wrapped one does. */
export function executesOnlyByType(executing: readonly EntryText[]): boolean {
  return (
    executing.some(({ keys }) => keys === "type") && executing.every(({ keys }) => keys === "type" || FORMS.has(keys))
  );
}

function listTexts(config: JsonObject | Json[], isWanted: (key: string) => boolean, above = ""): EntryText[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const keys = `${above}${key}`;
    if (typeof value === "string") return isWanted(key) ? [{ keys, text: value }] : [];
    return typeof value === "object" && value !== null ? listTexts(value, isWanted, `${keys}.`) : [];
  });
}
