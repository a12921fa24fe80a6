import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { findData } from "../../../compose/actions/look/find-data.ts";
import { exportVersion, refuseChanged } from "../../../compose/data/export-version.ts";
import { quoteShell } from "../../../core/text/quote-shell.ts";
import { listFallbacks } from "../../../explain/find/find-named.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { createTerminalFilter } from "../../../report/text/terminal-filter.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { showPath } from "../../show-path.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const VERSION = "an alias, or a dataset and the run that saved it; a session stands for its run that saved the dataset";

/** Declares `path`. */
export function declarePath(command: Command, done: Done): void {
  command
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave path metrics@report"], ["runweave path 'model@train[alpha=3]'"]))
    .action(async (target, flags) => done(printPath(target, flags)));
}

/** Declares `cat`. */
export function declareCat(command: Command, done: Done): void {
  command
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .option("--raw", "on a terminal too, print every byte as it is: data may have what a terminal obeys")
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave cat metrics@report"]))
    .action(async (target, flags) => done(await printData(target, flags)));
}

/** Declares `export`. */
export function declareExport(command: Command, done: Done): void {
  command
    .argument("<dataset@run>", VERSION)
    .argument("<path>", "where to: a path where nothing is yet, or a folder")
    .option("--force", "replace a file that is there; folders are never replaced")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave export 'model@train[alpha=3]' model.pkl"]))
    .action(async (target, place, flags) => done(await exportData(target, place, flags)));
}

export interface DataFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave path DATASET@RUN`: prints the path of the data. */
export function printPath(target: string, flags: DataFlags): ExitCode {
  const { dataset, head, version, fallback } = findData(
    flags,
    { ...flags, id: target, usage: "runweave path DATASET@RUN" },
    toContext(flags),
  );
  const { run, run_id } = head;
  const fallbacks = listFallbacks(fallback);
  const { location: path, bytes, hash } = version;
  if (flags.json) writeAnswer("path", { dataset, run, run_id, path, bytes, hash, fallbacks });
  else writeLines(process.stdout, [cleanText(path)]);
  return 0;
}

/** `runweave cat DATASET@RUN`: prints the bytes of one file; on a terminal, its text without sequences that the terminal would obey. */
export async function printData(
  target: string,
  { raw = false, ...flags }: DataFlags & { raw?: boolean },
): Promise<ExitCode> {
  const request = { ...flags, id: target, usage: "runweave cat DATASET@RUN" };
  const { version } = findData(flags, request, toContext(flags));
  await refuseChanged({ version });
  const { location } = version;
  if (statSync(location).isDirectory()) {
    const hint = `\`runweave export ${target} PLACE\` copies it; it is ${showPath(location)}`;
    throw new CliError("data-folder", `${target} is a folder, and cat prints a file`, { hint });
  }
  const { color, isTerminal } = lookOf(process.stdout);
  const file = createReadStream(location);
  if (raw || !isTerminal) await pipeline(file, process.stdout, { end: false });
  else await pipeline(file, (pieces) => cleanPieces(pieces, { target, color }), process.stdout, { end: false });
  return 0;
}

/** Text of a file for a terminal. Throws CliError for one that is no text. */
async function* cleanPieces(
  pieces: AsyncIterable<Buffer>,
  { target, color }: { target: string; color: boolean },
): AsyncGenerator<string> {
  const filter = createTerminalFilter({ color });
  for await (const piece of pieces) {
    if (piece.includes(0)) {
      const hint = `\`runweave export ${quoteShell([target])} PLACE\` copies it, and --raw prints it all the same`;
      throw new CliError("data-binary", `${target} is no text, and a terminal can't show it`, { hint });
    }
    yield filter.write(piece);
  }
  yield filter.end();
}

/** `runweave export DATASET@RUN PLACE`: makes a copy for the user. */
export async function exportData(
  target: string,
  place: string,
  { force = false, ...flags }: DataFlags & { force?: boolean },
): Promise<ExitCode> {
  const request = { ...flags, id: target, usage: "runweave export DATASET@RUN FILE" };
  const { dataset, head, version, fallback } = findData(flags, request, toContext(flags));
  const { session_id, run, run_id } = head;
  const paths = await exportVersion({ version, session_id, place, force });
  if (flags.json) writeAnswer("export", { dataset, run, run_id, paths, fallbacks: listFallbacks(fallback) });
  else
    writeLines(
      process.stdout,
      paths.map((path) => cleanText(`${dataset}@${run_id} -> ${showPath(path)}`)),
    );
  return 0;
}
