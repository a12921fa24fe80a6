import type { Command } from "commander";
import {
  type ClearedTaint,
  clearTaint,
  showTaints,
  TAINT_USAGE,
  type TaintRequest,
  type TaintResult,
  taintVersion,
} from "../../../compose/actions/taint-version.ts";
import { formatTaint, nameVersion } from "../../../explain/taint.ts";
import { toBlastText } from "../../../explain/text/blast-text.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { writeLines, writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const TAINT_EXAMPLES = formatExamples(
  ['runweave taint model_input_table@prep --reason "wrong units"'],
  ['runweave taint model_input_table@prep --reason "cut off" --only-this'],
  ["runweave taint", "what is tainted, and all that was made of it"],
  ["runweave taint --clear model_input_table@prep"],
);

/** Declares `taint`. */
export function declareTaint(command: Command, done: Done): void {
  command
    .description("mark a version as bad: no run reads it any more, nor what was made of it; show what it has reached")
    .argument("[version]", "DATASET@RUN, or an alias: what a run saved (default: list what is tainted)")
    .option("--reason <text>", "why, for those who come across the mark")
    .option("--only-this", "mark this version alone, and not others that have, or will have, the same content")
    .option("--clear", "remove the mark")
    .option("--dry-run", "only show what the mark would reach")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TAINT_EXAMPLES)
    .action(async (version, flags) => done(await taintByCommand(version, flags)));
}

export interface TaintFlags extends RegistryFlag, Omit<TaintRequest, "version"> {
  clear?: boolean;
  json?: boolean;
}

/** `runweave taint [DATASET@RUN]`: marks a version, or removes the mark; without a version, lists the tainted ones and what they reach. */
export async function taintByCommand(version: string | undefined, flags: TaintFlags): Promise<ExitCode> {
  const { registry, clear, json, dryRun } = flags;
  const context = toContext(flags);
  if (version === undefined) {
    if (flags.reason !== undefined || clear || flags.onlyThis)
      throw new CliError("invalid-target", "say which version: DATASET@RUN", { hint: TAINT_USAGE });
    return show(showTaints({ registry }, context), flags);
  }
  const request = { ...flags, version };
  if (clear) return describeCleared(await clearTaint({ registry }, request, context), flags);
  const result = await taintVersion({ registry }, request, context);
  if (dryRun && !json) writeText(process.stdout, "Nothing is recorded. With the mark, this would be so:\n\n");
  return show(result, flags);
}

function show(result: TaintResult, { json }: TaintFlags): ExitCode {
  if (json) writeAnswer("taint", { cleared: null, ...result });
  else writeText(process.stdout, toBlastText(result));
  return 0;
}

function describeCleared({ still, ...result }: ClearedTaint, { json, dryRun }: TaintFlags): ExitCode {
  if (json) {
    writeAnswer("taint", result);
    return 0;
  }
  const name = nameVersion(result.cleared);
  const gone = `${name} is not tainted any more`;
  if (dryRun) writeText(process.stdout, "Nothing is recorded. Without the mark, this would be so:\n\n");
  writeLines(process.stdout, [
    still === null ? gone : `${name} is not tainted itself any more, but it ${formatTaint(still)}`,
  ]);
  if (result.taints.length > 0) writeText(process.stdout, `\n${toBlastText(result)}`);
  return 0;
}
