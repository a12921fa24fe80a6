import { basename, join } from "node:path";
import type { StateFolders } from "../core/port/runner.ts";
import { capturingFolder, isWithin, resolveExisting } from "./layout.ts";

/** Name of a state folder, which holds only runweave's own files. */
const OWN_FOLDER = ".runweave";

/**
 * Tells why a path can't be captured or published to, links followed: its copy would be made within itself, or it is a file that runweave
 * itself uses. Null if it can.
 */
export function describeCaptureFault(path: string, { root, attempts, store, trash }: StateFolders): string | null {
  const place = resolveAnyway(path);
  const held = [root, store, attempts, trash].find((own) => isWithin(resolveAnyway(own), place));
  if (held !== undefined) return `it holds ${held}, which is runweave's own and where its copy would go`;
  // A registry of another name may lie beside files of any kind.
  const ours = basename(root) === OWN_FOLDER ? [root] : [attempts, trash, join(root, "registry.sqlite")];
  const around = [...ours, capturingFolder(store)].find((own) => isWithin(place, resolveAnyway(own)));
  return around === undefined ? null : `it lies in ${root}, which holds runweave's own files`;
}

/** Links in a circle are told of by what follows them. */
function resolveAnyway(path: string): string {
  try {
    return resolveExisting(path);
  } catch {
    return path;
  }
}
