import { type LineageDirection, traceLineage } from "../../explain/lineage.ts";
import { toLineageMermaid } from "../../explain/lineage-mermaid.ts";
import { toLineageText } from "../../explain/lineage-text.ts";
import type { ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

export interface LineageFlags extends RegistryFlag {
  session?: string;
  direction: LineageDirection;
  json?: boolean;
  mermaid?: boolean;
}

/** `runweave lineage RUN`: by run_id, or by name in the newest session. */
export function showLineage(id: string, flags: LineageFlags): ExitCode {
  const lineage = readRegistry(flags, (reader) =>
    traceLineage(reader, findStartedRun(reader, id, flags.session).run_id, { direction: flags.direction }),
  );
  if (flags.json) writeJson(lineage);
  else process.stdout.write(`${(flags.mermaid ? toLineageMermaid : toLineageText)(lineage).trimEnd()}\n`);
  return 0;
}
