import { type Command, Option } from "commander";
import {
  exportCrate,
  exportOpenLineage,
  listUndeclared,
  type NamedLineage,
  type TraceRequest,
  traceNamed,
} from "../../../compose/actions/look/trace-named.ts";
import type { LineageDirection } from "../../../explain/lineage.ts";
import { toLineageMermaid } from "../../../explain/text/lineage-mermaid.ts";
import { toLineageText } from "../../../explain/text/lineage-text.ts";
import { toUndeclaredText } from "../../../explain/text/undeclared-text.ts";
import { formatJson } from "../../../report/text/format-json.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, RUN, registry, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
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
    .action(async (id, flags) => done(printLineage(id, flags)));
}

type LineageFormat = "text" | "json" | "mermaid" | "openlineage" | "ro-crate";

interface LineageFlags extends RegistryFlag {
  session?: string | undefined;
  direction: LineageDirection;
  format?: LineageFormat;
  json?: boolean;
  mermaid?: boolean;
  undeclared?: boolean;
}

/** `runweave lineage RUN|DATASET@RUN|SESSION`; of a session, the lineage of its last runs. `lineage --undeclared [SESSION]`. */
function printLineage(given: string | undefined, flags: LineageFlags): ExitCode {
  const context = toContext(flags);
  if (flags.undeclared)
    return printUndeclared(listUndeclared(flags, { id: given ?? flags.session }, context), flags.json);
  const format = flags.format ?? (flags.json ? "json" : flags.mermaid ? "mermaid" : "text");
  const request = toRequest(given, { ...flags, format });
  if (format === "ro-crate") process.stdout.write(`${formatJson(exportCrate(flags, request, context), 2)}\n`);
  else if (format === "openlineage") exportOpenLineage(flags, request, context).forEach(writeJsonLine);
  else writeLineage(traceNamed(flags, request, context), format);
  return 0;
}

/** A session without an id is itself shown: no name is looked for in it. Throws CliError if no run or session is named. */
function toRequest(
  given: string | undefined,
  { session, direction, format }: LineageFlags & { format: LineageFormat },
): TraceRequest {
  if (given !== undefined) return { id: given, session, direction };
  const isOfSession = format === "ro-crate" || format === "openlineage";
  if (isOfSession && session !== undefined) return { id: session, direction };
  const hint = isOfSession ? "name a run or a session, such as `latest`" : "name a run, or say --undeclared";
  throw new CliError("usage", "lineage needs to know of which run", { hint });
}

function writeLineage(lineage: NamedLineage, format: "text" | "json" | "mermaid"): void {
  const { roots } = lineage;
  if (format === "json") writeAnswer("lineage", lineage);
  else if (format === "mermaid") process.stdout.write(`${toLineageMermaid(lineage).trimEnd()}\n`);
  else
    writeText(process.stdout, `${roots.map((root) => toLineageText({ ...lineage, root }).trimEnd()).join("\n\n")}\n`);
}

function printUndeclared(undeclared: ReturnType<typeof listUndeclared>, json = false): ExitCode {
  if (json) writeAnswer("lineage-undeclared", undeclared);
  else writeText(process.stdout, toUndeclaredText(undeclared.reads));
  return 0;
}
