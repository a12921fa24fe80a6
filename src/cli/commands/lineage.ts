import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunId } from "../../core/run-id.ts";
import { toOpenLineage } from "../../explain/export/openlineage.ts";
import { toRoCrate } from "../../explain/export/ro-crate.ts";
import { type Fallback, findNamed } from "../../explain/find/find-named.ts";
import { listStartedRuns } from "../../explain/find/find-run.ts";
import { findEnds, type LineageDirection, traceLineage, traceRuns } from "../../explain/lineage.ts";
import { toLineageMermaid } from "../../explain/text/lineage-mermaid.ts";
import { toLineageText } from "../../explain/text/lineage-text.ts";
import { toUndeclaredText } from "../../explain/text/undeclared-text.ts";
import { findUndeclared } from "../../explain/undeclared.ts";
import { formatJson } from "../../report/text/format-json.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findSessionOf, findStartedRun } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeText } from "../terminal.ts";
import { writeAnswer, writeJsonLine } from "../write-answer.ts";

export type LineageFormat = "text" | "json" | "mermaid" | "openlineage" | "ro-crate";

export interface LineageFlags extends RegistryFlag {
  session?: string | undefined;
  direction: LineageDirection;
  format?: LineageFormat;
  json?: boolean;
  mermaid?: boolean;
  undeclared?: boolean;
}

/** `runweave lineage RUN|DATASET@RUN`: or of a session, what its last runs were made of. `lineage --undeclared [SESSION]`. */
export function showLineage(id: string | null, flags: LineageFlags): ExitCode {
  if (flags.undeclared) return showUndeclared(id ?? flags.session ?? null, flags);
  const format = flags.format ?? (flags.json ? "json" : flags.mermaid ? "mermaid" : "text");
  const isOfSession = format === "ro-crate" || format === "openlineage";
  const shown = id ?? (isOfSession ? flags.session : undefined);
  if (shown === undefined) {
    const hint = isOfSession ? "name a run or a session, such as `latest`" : "name a run, or say --undeclared";
    throw new CliError("usage", "lineage needs to know of which run", { hint });
  }
  // A session that stands alone is what is asked of, and not where that is looked for.
  const within = id === null ? { ...flags, session: undefined } : flags;
  if (format === "ro-crate") return printCrate(shown, within);
  if (format === "openlineage") return printOpenLineage(shown, within);
  const { lineage, roots, fallback } = readRegistry(flags, (reader) => {
    const { runIds, dataset, fallback } = findRoots(reader, shown, flags);
    const [root, ...others] = runIds;
    const lineage = traceLineage(reader, root, { direction: flags.direction, others, dataset });
    return { lineage, roots: runIds, fallback };
  });
  if (format === "json") writeAnswer("lineage", { ...lineage, roots, fallbacks: listFallbacks(fallback) });
  else if (format === "mermaid") process.stdout.write(`${toLineageMermaid(lineage).trimEnd()}\n`);
  else
    writeText(process.stdout, `${roots.map((root) => toLineageText({ ...lineage, root }).trimEnd()).join("\n\n")}\n`);
  return 0;
}

interface Roots {
  runIds: [RunId, ...RunId[]];
  /** The dataset, if a version was named. */
  dataset: string | null;
  fallback: Fallback | null;
}

/** The run that is named, or that saved the version; of a session, those runs that no other one of it reads. */
function findRoots(reader: RegistryReader, word: string, { session, direction }: LineageFlags): Roots {
  const named = findNamed(reader, word, { takes: "run", session });
  if (named.kind === "session") {
    const runIds = listStartedRuns(reader, named.sessionId).map(({ run_id }) => run_id);
    const [root, ...others] = findEnds(reader, runIds, direction);
    if (root !== undefined) return { runIds: [root, ...others], dataset: null, fallback: null };
  }
  const { run, dataset, fallback } = findStartedRun(reader, word, { session });
  return { runIds: [run.run_id], dataset, fallback };
}

/** Of a session, or of the one that a run belongs to. */
function printCrate(word: string, { session, ...flags }: LineageFlags): ExitCode {
  const crate = readRegistry(flags, (reader) => toRoCrate(reader, findSessionOf(reader, word, { session }).session));
  process.stdout.write(`${formatJson(crate, 2)}\n`);
  return 0;
}

/** One event per line: of all runs of a session, or of a run and what lies in the direction. */
function printOpenLineage(word: string, { session, direction, ...flags }: LineageFlags): ExitCode {
  const events = readRegistry(flags, (reader) => {
    const named = findNamed(reader, word, { takes: "both", session });
    const traceRun = () => {
      const { run, dataset } = findStartedRun(reader, word, { session });
      return traceLineage(reader, run.run_id, { direction, dataset }).runs;
    };
    const runs = named.kind === "session" ? listStartedRuns(reader, named.sessionId) : traceRun();
    const runIds = runs.map(({ run_id }) => run_id);
    // Everything that each of them read and wrote, also what leads away from the direction.
    return toOpenLineage(traceRuns(reader, runIds), reader.findHeads(runIds));
  });
  for (const event of events) writeJsonLine(event);
  return 0;
}

function showUndeclared(id: string | null, flags: LineageFlags): ExitCode {
  const { reads, fallback } = readRegistry(flags, (reader) => {
    const found = id === null ? null : findSessionOf(reader, id);
    const reads = findUndeclared(reader, found?.session.session_id ?? null);
    return { reads, fallback: found?.fallback ?? null };
  });
  if (flags.json) writeAnswer("lineage-undeclared", { reads, fallbacks: listFallbacks(fallback) });
  else writeText(process.stdout, toUndeclaredText(reads));
  return 0;
}
