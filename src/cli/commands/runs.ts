import type { RunFilter, TagFilter } from "../../core/registry.ts";
import { renderRuns } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave runs`. */
export function listRuns({
  json,
  registry,
  tag = [],
  ...rest
}: Omit<RunFilter, "tags"> & RegistryFlag & { json?: boolean; tag?: TagFilter[] }): ExitCode {
  const filter = { ...rest, tags: tag };
  const runs = readRegistry({ registry }, (reader) => reader.listRuns(filter));
  if (json) writeJson(runs);
  else writeLines(process.stdout, renderRuns(runs, lookOf(process.stdout)));
  return 0;
}
