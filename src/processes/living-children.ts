import { readdirSync, readFileSync } from "node:fs";
import { isRunning, readStat } from "./identity.ts";

/** Whether a process has children that still run. False where there is no /proc. */
export function hasLivingChildren(pid: number): boolean {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
    return children.some((child) => {
      const stat = readStat(child);
      return stat !== null && isRunning(stat);
    });
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
