import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ModuleCall } from "../../core/port/runner.ts";

/** The words that start a module on this machine. No plan has them, as they are of this installation. */
export function listModuleWords({ path }: ModuleCall): string[] {
  return [process.execPath, findModuleHost(), path];
}

/** The host is beside this file, in the sources and in the bundle. */
function findModuleHost(): string {
  const [source = "", bundled = ""] = ["./module-host.ts", "./module-host.js"].map((way) => {
    return fileURLToPath(new URL(way, import.meta.url));
  });
  return existsSync(source) ? source : bundled;
}
