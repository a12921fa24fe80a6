import { listSections } from "../capture/patch-sections.ts";

/** Files of which two patches of one commit say different things, in the order in which they stand there. */
export function listPatchChanges(earlier: string, later: string): string[] {
  const [before, after] = [readSections(earlier), readSections(later)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

/** Reads all that a patch says of each file, by its name. */
function readSections(patch: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { path, text } of listSections(Buffer.from(patch)))
    if (path !== null) found.set(path, `${found.get(path) ?? ""}${text}`);
  return found;
}
