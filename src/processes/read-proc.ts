import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Text of a file in /proc; null where there is none, for a process that has ended, and for one of another user. */
export function readProcText(path: string): string | null {
  return orNull(() => readFileSync(path, "utf8"));
}

/** Target of a link in /proc; null as for `readProcText`. */
export function readProcLink(path: string): string | null {
  return orNull(() => readlinkSync(path));
}

/** Targets of all descriptors that a process has open. Empty for one that has ended, or belongs to another user. */
export function listDescriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const names = orNull(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => readProcLink(`${folder}/${name}`) ?? []);
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
