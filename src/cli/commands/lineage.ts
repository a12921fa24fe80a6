import { type LineageDirection, traceLineage } from "../../explain/lineage.ts";
import { toLineageMermaid } from "../../explain/lineage-mermaid.ts";
import { toLineageText } from "../../explain/lineage-text.ts";
import { findUndeclared } from "../../explain/undeclared.ts";
import { toUndeclaredText } from "../../explain/undeclared-text.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { foundOrThrow, type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

export interface LineageFlags extends RegistryFlag {
  session?: string;
  direction: LineageDirection;
  json?: boolean;
  mermaid?: boolean;
  undeclared?: boolean;
}

/** `runweave lineage RUN`: by run_id, or by name in the newest session. `lineage --undeclared [SESSION]`. */
export function showLineage(id: string | null, flags: LineageFlags): ExitCode {
  if (flags.undeclared) return showUndeclared(id ?? flags.session ?? null, flags);
  if (id === null) {
    const hint = "name a run, or say --undeclared";
    throw new CliError("usage", "lineage needs to know of which run", { hint });
  }
  const lineage = readRegistry(flags, (reader) =>
    traceLineage(reader, findStartedRun(reader, id, flags.session).run_id, { direction: flags.direction }),
  );
  if (flags.json) writeJson(lineage);
  else process.stdout.write(`${(flags.mermaid ? toLineageMermaid : toLineageText)(lineage).trimEnd()}\n`);
  return 0;
}

function showUndeclared(id: string | null, flags: LineageFlags): ExitCode {
  const reads = readRegistry(flags, (reader) => {
    const session = id === null ? null : foundOrThrow(reader.findSession(id), "session", id).session_id;
    return findUndeclared(reader, session);
  });
  if (flags.json) writeJson(reads);
  else process.stdout.write(toUndeclaredText(reads));
  return 0;
}
