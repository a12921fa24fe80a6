import { execFile } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Copies a folder with times, modes and hard links, as a backup does; `to` must not be there. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await run("cp", ["-a", from, to]);
}

/**
 * Makes a folder hold what a copy of it holds. The folder itself, and those of its folders that are named, stay the ones that they are: a program
 * may know them by more than their paths.
 */
export async function resetFolder(folder: string, copy: string, kept: readonly string[] = []): Promise<void> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (kept.includes(path)) for (const each of readdirSync(path)) rmSync(join(path, each), { recursive: true });
    else rmSync(path, { recursive: true });
  }
  await run("cp", ["-a", `${copy}/.`, folder]);
}
