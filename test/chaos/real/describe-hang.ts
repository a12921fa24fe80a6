import { existsSync, readFileSync } from "node:fs";
import { parsePoints } from "./point.ts";
import type { TrialFolder } from "./trial-folder.ts";

const LAST_POINTS = 5;

/** What a process that does not end is doing: its state, what it waits for in the kernel, its last points, and who else lives. */
export function describeHang(pid: number, { points, marked }: Pick<TrialFolder, "points" | "marked">): string {
  const state = /^State:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "gone";
  const others = marked.list().filter((line) => !line.startsWith(`${pid} `));
  return [
    `process ${pid}, ${state}, waits in ${read(`/proc/${pid}/wchan`) || "its own code"}`,
    `last points: ${lastPoints(points).join("; ") || "none noted"}`,
    `beside it: ${others.map((line) => line.slice(0, 120)).join("; ") || "no other process"}`,
  ].join("\n  ");
}

function lastPoints(points: string): string[] {
  if (!existsSync(points)) return [];
  const seen = parsePoints(readFileSync(points, "utf8"));
  return seen.slice(-LAST_POINTS).map(({ name, nth }) => `${name} (${nth})`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
