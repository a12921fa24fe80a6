import { type Command, Option } from "commander";
import { readRegistry } from "../../../compose/actions/context.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { RunId } from "../../../core/run-id.ts";
import { toOpenLineage } from "../../../explain/export/openlineage.ts";
import { toRoCrate } from "../../../explain/export/ro-crate.ts";
import { type Fallback, findNamed, listFallbacks } from "../../../explain/find/find-named.ts";
import { listStartedRuns } from "../../../explain/find/find-run.ts";
import { findEnds, type LineageDirection, traceLineage, traceRuns } from "../../../explain/lineage.ts";
import { toLineageMermaid } from "../../../explain/text/lineage-mermaid.ts";
import { toLineageText } from "../../../explain/text/lineage-text.ts";
import { toUndeclaredText } from "../../../explain/text/undeclared-text.ts";
import { findUndeclared } from "../../../explain/undeclared.ts";
import { formatJson } from "../../../report/text/format-json.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, RUN, registry, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { findSessionOf, findStartedRun } from "../../find/find-and-tell.ts";
import { writeText } from "../../terminal.ts";
import { writeAnswer, writeJsonLine } from "../../write-answer.ts";

/** Declares `lineage`. */
export function declareLineage(command: Command, done: Done): void {
  command
    .description("show which runs made what a run read, and which runs read what it made")
    .argument("[run]", `${RUN}; or a session, or a version; with --undeclared: a session (default: all)`)
    .addOption(
      new Option("--direction <way>", "up: what it was made of; down: what was made of it")
        .choices(["up", "down", "both"])
        .default("up"),
    )
    .addOption(session())
    .addOption(
      new Option(
        "--format <format>",
        "openlineage: one event per line; ro-crate: ro-crate-metadata.json; both take a session too",
      )
        .choices(["text", "json", "mermaid", "openlineage", "ro-crate"])
        .conflicts(["mermaid", "json", "undeclared"]),
    )
    .addOption(json().conflicts("mermaid"))
    .option("--mermaid", "print a Mermaid flowchart")
    .addOption(
      new Option("--undeclared", "list what runs loaded from other runs without consuming it").conflicts("mermaid"),
    )
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave lineage report", "all runs that it depends on"],
        ["runweave lineage prep --direction down --mermaid", "all that depends on it, as a flowchart"],
        ["runweave lineage metrics@train --direction down", "all that depends on this version"],
      ),
    )
    .action(async (id, flags) => done(showLineage(id ?? null, flags)));
}

export type LineageFormat = "text" | "json" | "mermaid" | "openlineage" | "ro-crate";

export interface LineageFlags extends RegistryFlag {
  session?: string | undefined;
  direction: LineageDirection;
  format?: LineageFormat;
  json?: boolean;
  mermaid?: boolean;
  undeclared?: boolean;
}

/** `runweave lineage RUN|DATASET@RUN|SESSION`; of a session, the lineage of its last runs. `lineage --undeclared [SESSION]`. */
export function showLineage(id: string | null, flags: LineageFlags): ExitCode {
  if (flags.undeclared) return showUndeclared(id ?? flags.session ?? null, flags);
  const format = flags.format ?? (flags.json ? "json" : flags.mermaid ? "mermaid" : "text");
  const isOfSession = format === "ro-crate" || format === "openlineage";
  const shown = id ?? (isOfSession ? flags.session : undefined);
  if (shown === undefined) {
    const hint = isOfSession ? "name a run or a session, such as `latest`" : "name a run, or say --undeclared";
    throw new CliError("usage", "lineage needs to know of which run", { hint });
  }
  // A session without an id is itself shown: no name is looked for in it.
  const within = id === null ? { ...flags, session: undefined } : flags;
  if (format === "ro-crate") return printCrate(shown, within);
  if (format === "openlineage") return printOpenLineage(shown, within);
  const { lineage, roots, fallback } = readRegistry(flags, toContext(flags), (reader) => {
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

/** Finds where the lineage begins: at the named run, or the run that saved a version; of a session, at its ends in this direction. */
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

/** Prints the crate of a session, or of the session of a run. */
function printCrate(word: string, { session, ...flags }: LineageFlags): ExitCode {
  const crate = readRegistry(flags, toContext(flags), (reader) =>
    toRoCrate(reader, findSessionOf(reader, word, { session }).session),
  );
  process.stdout.write(`${formatJson(crate, 2)}\n`);
  return 0;
}

/** Prints one event per line: for all runs of a session, or for a run and those that its lineage has in this direction. */
function printOpenLineage(word: string, { session, direction, ...flags }: LineageFlags): ExitCode {
  const events = readRegistry(flags, toContext(flags), (reader) => {
    const named = findNamed(reader, word, { takes: "both", session });
    const traceRun = () => {
      const { run, dataset } = findStartedRun(reader, word, { session });
      return traceLineage(reader, run.run_id, { direction, dataset }).runs;
    };
    const runs = named.kind === "session" ? listStartedRuns(reader, named.sessionId) : traceRun();
    const runIds = runs.map(({ run_id }) => run_id);
    // Traces all reads and writes of each run, also those that lead away from the direction.
    return toOpenLineage(traceRuns(reader, runIds), reader.findHeads(runIds));
  });
  for (const event of events) writeJsonLine(event);
  return 0;
}

function showUndeclared(id: string | null, flags: LineageFlags): ExitCode {
  const { reads, fallback } = readRegistry(flags, toContext(flags), (reader) => {
    const found = id === null ? null : findSessionOf(reader, id);
    const reads = findUndeclared(reader, found?.session.session_id ?? null);
    return { reads, fallback: found?.fallback ?? null };
  });
  if (flags.json) writeAnswer("lineage-undeclared", { reads, fallbacks: listFallbacks(fallback) });
  else writeText(process.stdout, toUndeclaredText(reads));
  return 0;
}
