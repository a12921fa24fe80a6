import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ColdProject } from "../../core/port/worker-upkeep.ts";
import { readRecord } from "../../processes/read-record.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";

const FILE = "cold-projects.json";

/** Reads the decisions of a state folder; none if there are none, or if they can't be read. */
export function readColdProjects(root: string): ColdProject[] {
  try {
    const found: unknown = JSON.parse(readRecord(join(root, FILE)) ?? "[]");
    return Array.isArray(found) ? found.filter(isColdProject) : [];
  } catch {
    return [];
  }
}

/** Keeps a project cold from now on. */
export function keepCold(root: string, project: ColdProject): void {
  const others = readColdProjects(root).filter(({ project_path }) => project_path !== project.project_path);
  sweepTemporaries(root);
  writeFileWhole(join(root, FILE), `${JSON.stringify([...others, project], null, 2)}\n`);
}

/** Forgets all decisions. */
export function forgetColdProjects(root: string): void {
  rmSync(join(root, FILE), { force: true });
}

function isColdProject(value: unknown): value is ColdProject {
  const { project_path, leaks, since } = (value ?? {}) as Partial<ColdProject>;
  return typeof project_path === "string" && Array.isArray(leaks) && typeof since === "string";
}
