import { lstatSync } from "node:fs";
import { join } from "node:path";
import { isRunId } from "../../core/run-id.ts";
import { type Finding, findingWarn } from "./finding.ts";
import { listNames } from "./list-names.ts";
import type { StatePlace } from "./state-check.ts";

/** The newest folders are looked at: what an older registry does not know are the last ones. */
const MAX_LOOKED_AT = 5_000;
const SHOWN = 3;

/** Folders of attempts that the registry does not know. */
export function checkAttempts({ state, registry }: StatePlace): Finding[] {
  const { names, isCut } = listNames(state.attempts);
  const all = names.filter(isRunId).sort();
  const newest = all.slice(-MAX_LOOKED_AT);
  const known = new Set(registry.findHeads(newest).map(({ run_id }) => String(run_id)));
  const unknown = newest.filter((name) => !known.has(name) && isFolder(join(state.attempts, name)));
  if (unknown.length === 0) return [];
  const isPart = isCut || all.length > newest.length;
  const looked = isPart ? ` (of the newest ${newest.length} that were looked at)` : "";
  const shown = unknown.slice(-SHOWN).join(", ");
  const detail = `${unknown.length} in ${state.attempts} are of attempts that the registry does not know${looked}: ${shown}`;
  const hint =
    "they belong to a newer or another registry, and no command touches them: restore that registry, or remove them by hand";
  return [findingWarn("attempts", detail, hint)];
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
