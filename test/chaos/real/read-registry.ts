import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import type { TrialFolder } from "./trial-folder.ts";

/** What a question to the registry of a workload gives; undefined if there is none. */
export function readRegistry<T>({ state }: TrialFolder, ask: (registry: RegistryReader) => T): T | undefined {
  const path = join(state, "registry.sqlite");
  if (!existsSync(path)) return undefined;
  const registry = openSqliteRegistry(path, { readOnly: true });
  try {
    return ask(registry);
  } finally {
    registry.close();
  }
}
