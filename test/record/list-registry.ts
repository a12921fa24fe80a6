// A process that tries to read, then to write, a registry: list-registry.ts <registry>. It prints what it got, as JSON.
import { RegistryError } from "../../src/core/error/registry-error.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";

const path = process.argv[2] ?? "";

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof RegistryError ? error.code : String(error);
  }
}

const read = attempt(() => {
  const registry = openSqliteRegistry(path, { readOnly: true });
  const runs = registry.listRuns().map((record) => record.run);
  registry.close();
  return runs;
});
const write = attempt(() => openSqliteRegistry(path).close());
console.log(JSON.stringify({ read, write: write ?? null }));
