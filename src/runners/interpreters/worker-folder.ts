import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Finds the folder of the Python package: `worker/` beside this file's folder in the sources, and in the bundle's folder once built. */
export function findWorkerFolder(): string {
  const candidates = ["./worker/", "../kedro/worker/"].map((way) => fileURLToPath(new URL(way, import.meta.url)));
  const found = candidates.find((folder) => existsSync(join(folder, "runweave_worker", "__main__.py")));
  if (found === undefined)
    throw new Error(`the Python worker is in none of ${candidates.join(", ")}: install runweave again`);
  return found;
}
