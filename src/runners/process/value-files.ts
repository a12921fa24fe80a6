import { join } from "node:path";
import type { GivenValue } from "../../core/read.ts";
import { safeComponent } from "../../versions/layout.ts";
import { writeNewFile } from "../../versions/write-file.ts";

/** Files of the values that a command is given, as JSON in its attempt's folder. */
export function planValueFiles(
  values: readonly (readonly [dataset: string, read: GivenValue])[],
  folder: string,
): Record<string, string> {
  // Different names may have the same safe form, so a number tells them apart.
  const paths = values.map(([name], index) => [name, join(folder, `value-${index}-${safeComponent(name)}.json`)]);
  return Object.fromEntries(paths);
}

/** Writes them, for their owner alone. The folder has to be there. */
export function writeValueFiles(
  values: readonly (readonly [dataset: string, read: GivenValue])[],
  paths: Readonly<Record<string, string>>,
): void {
  for (const [name, { value }] of values) {
    const path = paths[name];
    if (path !== undefined) writeNewFile(path, `${JSON.stringify(value)}\n`);
  }
}
