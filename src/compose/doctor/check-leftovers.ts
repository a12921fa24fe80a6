import { lstatSync } from "node:fs";
import { join, relative } from "node:path";
import { listFew } from "../../core/text/list-few.ts";
import { makerOfTemporary } from "../../core/text/temporary-name.ts";
import { readStat } from "../../processes/identity.ts";
import { isStaging } from "../../versions/staging.ts";
import { type Finding, findingWarn } from "./finding.ts";
import { listNames } from "./list-names.ts";
import type { StatePlace } from "./state-check.ts";

/** Names that are looked at, and how far down: what lies deeper is of versions. */
const MAX_NAMES = 20_000;
const MAX_DEPTH = 4;
/** Names of one folder: one may hold as many as all others together. */
const MAX_OF_FOLDER = 2_000;
/** Age in milliseconds. A younger file may belong to a process that still works on it. */
const SETTLED_MS = 600_000;

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** Names of files that an older runweave wrote beside their target, and of a registry not yet linked to its name. */
const OLDER = [
  new RegExp(`^\\..+\\.${UUID}\\.tmp$`),
  new RegExp(`^[^.].*\\.${UUID}(-wal|-shm|-journal)?$`),
  /^claim\.\d+\.[\d.]+$/,
  /^\..+\.moving$/,
];

/** Finds temporary files in the state folder that no process will go on with. */
export function checkLeftovers({ state, nowMs }: StatePlace): Finding[] {
  const found: string[] = [];
  let left = MAX_NAMES;
  let isCut = false;
  let level = [state.root];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (left <= 0) {
        isCut = true;
        break;
      }
      const listed = listNames(folder, Math.min(MAX_OF_FOLDER, left));
      left -= listed.names.length + 1;
      isCut ||= listed.isCut;
      for (const path of listed.names.map((name) => join(folder, name))) {
        if (isLeft(path, nowMs)) found.push(path);
        else if (isFolder(path)) next.push(path);
      }
    }
    level = next;
  }
  if (found.length === 0) return [];
  const names = listFew(found.map((path) => relative(state.root, path)));
  const more = isCut ? "; the folder is large, and not all of it was looked at" : "";
  const detail = `${found.length} below ${state.root} ${found.length === 1 ? "is" : "are"} of killed processes: ${names}${more}`;
  return [findingWarn("temporary files", detail, "nothing reads them: remove them by hand")];
}

function isLeft(path: string, nowMs: number): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!isStaging(name) && !OLDER.some((pattern) => pattern.test(name))) return false;
  const maker = makerOfTemporary(name);
  if (maker !== null && readStat(maker) !== null) return false;
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && nowMs - found.mtimeMs > SETTLED_MS;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
