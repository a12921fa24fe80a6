import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the Python package lies: beside this file in the sources, in `worker/` of the bundle's folder once built. */
export function findWorkerFolder(): string {
  const candidates = ["./worker/", "../worker/"].map((way) => fileURLToPath(new URL(way, import.meta.url)));
  const found = candidates.find((folder) => existsSync(join(folder, "runweave_worker", "__main__.py")));
  if (found === undefined)
    throw new Error(`the Python worker is in none of ${candidates.join(", ")}: install runweave again`);
  return found;
}
