import type { RunFilter } from "../../core/registry.ts";
import { renderRuns } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave runs`. */
export function listRuns({ json, registry, ...filter }: RunFilter & RegistryFlag & { json?: boolean }): ExitCode {
  const runs = readRegistry({ registry }, (reader) => reader.listRuns(filter));
  if (json) writeJson(runs);
  else writeLines(process.stdout, renderRuns(runs, lookOf(process.stdout)));
  return 0;
}
