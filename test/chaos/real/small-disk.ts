import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A folder on a disk of its own that is nearly full. */
export interface SmallDisk {
  folder: string;
  remove(): void;
}

/** A small tmpfs; null where this user may not mount one. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | null {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return null;
  }
  return { folder, remove: () => execFileSync("umount", ["-l", folder]) };
}

/** Leaves only so many bytes free. */
export function fillDisk({ folder }: SmallDisk, bytesLeft: number): void {
  const available = execFileSync("stat", ["-f", "-c", "%a %S", folder], { encoding: "utf8" }).trim().split(" ");
  const free = Number(available[0]) * Number(available[1]);
  writeFileSync(join(folder, "ballast"), Buffer.alloc(Math.max(0, free - bytesLeft)));
}
