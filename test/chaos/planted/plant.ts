import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLANTED_BUGS } from "./bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";

const SOURCES = join(import.meta.dirname, "../../../src");

/** Names the bug to plant, for every process that the harness starts itself. */
export const PLANT_VARIABLE = "CHAOS_PLANT";

export function findBug(name: string): PlantedBug {
  const bug = PLANTED_BUGS[name];
  if (bug === undefined) throw new Error(`there is no bug "${name}": ${Object.keys(PLANTED_BUGS).join("; ")}`);
  return bug;
}

/** The absolute path of the file that it is in. */
export function fileOf({ file }: PlantedBug): string {
  return join(SOURCES, file);
}

/** The source with the bug in it. Throws if its line is not there, or not once: then the bug has to be thought of anew. */
export function plantIn(bug: PlantedBug): string {
  const source = readFileSync(fileOf(bug), "utf8");
  const parts = source.split(bug.line);
  if (parts.length !== 2)
    throw new Error(`src/${bug.file} has the line of the bug ${parts.length - 1} times: ${bug.line}`);
  return parts.join(bug.instead);
}
