import type { Command } from "commander";
import { listFailures } from "../../../compose/actions/look/list-failures.ts";
import { renderRunFailures } from "../../../report/result/failures.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `errors`. */
export function declareErrors(command: Command, done: Done): void {
  command
    .description("show each failed run of a session: where and why it failed, what it read, and how to run it again")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave errors", "all failures of the newest session"], ["runweave errors train"]),
    )
    .action(async (id, flags) => done(printFailures(id, flags)));
}

interface ErrorsFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave errors [SESSION|RUN]`: every failed run of a session. A run stands for the session that it belongs to. */
function printFailures(id: string | undefined, flags: ErrorsFlags): ExitCode {
  const failures = listFailures(flags, { ...flags, id }, toContext(flags));
  if (flags.json) writeAnswer("errors", failures);
  else if (failures.errors.length === 0) writeLines(process.stdout, ["no run failed"]);
  else writeLines(process.stdout, renderRunFailures(failures.errors, lookOf(process.stdout)));
  return 0;
}
