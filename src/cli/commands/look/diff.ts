import type { Command } from "commander";
import { compareNamed } from "../../../compose/actions/look/compare-named.ts";
import { toDiffText } from "../../../explain/text/diff-text.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `diff`. */
export function declareDiff(command: Command, done: Done): void {
  command
    .description(
      "show how two sessions differ, or two runs with all that they were made of; the first cause comes first",
    )
    .argument("<a>", SESSION_OR_RUN)
    .argument("<b>", "the session or run to compare it with")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave diff 0000d783fb92 latest", "an earlier session and the newest"],
        ["runweave diff 'train[k=1]' 'train[k=2]'", "two variants of one session"],
      ),
    )
    .action(async (a, b, flags) => done(await printDiff(a, b, flags)));
}

interface DiffFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave diff A B`: compares two runs, or two sessions. */
async function printDiff(a: string, b: string, flags: DiffFlags): Promise<ExitCode> {
  const comparison = await compareNamed(flags, { ...flags, a, b }, toContext(flags));
  if (flags.json) writeAnswer("diff", comparison);
  else writeText(process.stdout, toDiffText(comparison));
  return 0;
}
