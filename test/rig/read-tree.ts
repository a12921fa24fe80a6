import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file below a folder with its content, `.runweave` included; what a look at the registry itself may touch left out. */
export function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/registry\.sqlite/.test(path));
  return Object.fromEntries(files.sort().map((path) => [relative(folder, path), readFileSync(path, "latin1")]));
}
