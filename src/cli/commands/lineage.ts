import { type LineageDirection, traceLineage, traceRuns } from "../../explain/lineage.ts";
import { toLineageMermaid } from "../../explain/lineage-mermaid.ts";
import { toLineageText } from "../../explain/lineage-text.ts";
import { toOpenLineage } from "../../explain/openlineage.ts";
import { toRoCrate } from "../../explain/ro-crate.ts";
import { findUndeclared } from "../../explain/undeclared.ts";
import { toUndeclaredText } from "../../explain/undeclared-text.ts";
import { formatJson } from "../../report/format-json.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { foundOrThrow, type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

export type LineageFormat = "text" | "json" | "mermaid" | "openlineage" | "ro-crate";

export interface LineageFlags extends RegistryFlag {
  session?: string;
  direction: LineageDirection;
  format?: LineageFormat;
  json?: boolean;
  mermaid?: boolean;
  undeclared?: boolean;
}

/** `runweave lineage RUN`: by run_id, or by name in the newest session. `lineage --undeclared [SESSION]`. */
export function showLineage(id: string | null, flags: LineageFlags): ExitCode {
  if (flags.undeclared) return showUndeclared(id ?? flags.session ?? null, flags);
  const format = flags.format ?? (flags.json ? "json" : flags.mermaid ? "mermaid" : "text");
  const isOfSession = format === "ro-crate" || format === "openlineage";
  const shown = id ?? (isOfSession ? flags.session : undefined);
  if (shown === undefined) {
    const hint = isOfSession ? "name a run or a session, such as `latest`" : "name a run, or say --undeclared";
    throw new CliError("usage", "lineage needs to know of which run", { hint });
  }
  if (format === "ro-crate") return printCrate(shown, flags);
  if (format === "openlineage") return printOpenLineage(shown, flags);
  const lineage = readRegistry(flags, (reader) =>
    traceLineage(reader, findStartedRun(reader, shown, flags.session).run_id, { direction: flags.direction }),
  );
  if (format === "json") writeJson(lineage);
  else process.stdout.write(`${(format === "mermaid" ? toLineageMermaid : toLineageText)(lineage).trimEnd()}\n`);
  return 0;
}

/** Of a session, or of the one that a run belongs to. */
function printCrate(id: string, flags: LineageFlags): ExitCode {
  const crate = readRegistry(flags, (reader) => {
    const session = reader.findSession(id) ?? reader.findSession(findStartedRun(reader, id, flags.session).session_id);
    return toRoCrate(reader, foundOrThrow(session, "session", id));
  });
  process.stdout.write(`${formatJson(crate, 2)}\n`);
  return 0;
}

/** One event per line: of all runs of a session, or of a run and what lies in the direction. */
function printOpenLineage(id: string, flags: LineageFlags): ExitCode {
  const events = readRegistry(flags, (reader) => {
    const session = reader.findSession(id);
    const root = () => findStartedRun(reader, id, flags.session).run_id;
    const runs = session === null ? traceLineage(reader, root(), { direction: flags.direction }).runs : session.runs;
    const runIds = runs.flatMap(({ run_id }) => run_id ?? []);
    // Everything that each of them read and wrote, also what leads away from the direction.
    return toOpenLineage(traceRuns(reader, runIds), reader.findHeads(runIds));
  });
  for (const event of events) writeJson(event);
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
