import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameTemporary } from "../../src/core/text/temporary-name.ts";

/** Of a process that has come to its end. */
export function endedPid(): number {
  return spawnSync("true").pid;
}

/** A temporary file as its maker leaves it that is killed before its rename. */
export function leaveTemporary(folder: string, pid: number, name = "file"): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, nameTemporary(name, { pid, digits: "0a1b2c3d" }));
  writeFileSync(path, "half");
  return path;
}
