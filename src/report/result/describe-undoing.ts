import type { PublicationUndone, UndoneFile } from "../../core/event/rollback-event.ts";
import { cleanText } from "../text/clean-text.ts";

type ActionWords = Record<UndoneFile["action"], (path: string) => string>;

const UNCHANGED = {
  "as-before": (path: string) => `${path} is already as it was before`,
  left: (path: string) => `left as it is: ${path} (the earlier file is no longer kept)`,
};

const DONE: ActionWords = {
  ...UNCHANGED,
  "put-back": (path) => `put back ${path}`,
  removed: (path) => `removed ${path} (nothing was there before)`,
};

const WOULD: ActionWords = {
  ...UNCHANGED,
  "put-back": (path) => `would put back ${path}`,
  removed: (path) => `would remove ${path} (nothing was there before)`,
};

/** Says of each file of a publication what a roll-back did to it, or would do. */
export function describeUndoing(
  { location, files = [] }: Pick<PublicationUndone, "location" | "files">,
  when: "planned" | "done",
): string[] {
  const words = when === "done" ? DONE : WOULD;
  // Files are known from the entry of the trash: without it, no file was put back.
  if (files.length === 0) return [cleanText(words.left(location))];
  return files.map(({ path, action }) => cleanText(words[action](path)));
}
