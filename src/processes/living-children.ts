import { readdirSync, readFileSync } from "node:fs";
import { isRunning, readStat } from "./identity.ts";

/** Empty where there is no /proc, and of a process that has ended. */
export function listChildren(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** True if a process has children that still run. False where there is no /proc. */
export function hasLivingChildren(pid: number): boolean {
  return listChildren(pid).some((child) => {
    const stat = readStat(child);
    return stat !== null && isRunning(stat);
  });
}
