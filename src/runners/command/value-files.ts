import { join } from "node:path";
import type { ResolvedValue } from "../../core/port/runner.ts";
import { safeComponent } from "../../versions/layout.ts";
import { writeNewFile } from "../../versions/write-file.ts";

/** Files of the values that a command is given, as JSON in its attempt's folder. */
export function planValueFiles(
  values: Readonly<Record<string, ResolvedValue>>,
  folder: string,
): Record<string, string> {
  // Different names may have the same safe form, so a number tells them apart.
  const paths = Object.keys(values).map((name, index) => [
    name,
    join(folder, `value-${index}-${safeComponent(name)}.json`),
  ]);
  return Object.fromEntries(paths);
}

/** Writes them, for their owner alone. The folder has to be there. */
export function writeValueFiles(
  values: Readonly<Record<string, ResolvedValue>>,
  paths: Readonly<Record<string, string>>,
): void {
  for (const [name, { value }] of Object.entries(values)) {
    const path = paths[name];
    if (path !== undefined) writeNewFile(path, `${JSON.stringify(value)}\n`);
  }
}
