import type { Command } from "commander";
import { readRegistry } from "../../../compose/actions/context.ts";
import { explainFailures } from "../../../compose/failures/explain-failures.ts";
import { listFallbacks } from "../../../explain/find/find-named.ts";
import { renderRunFailures } from "../../../report/result/failures.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { findSessionOrNewest } from "../../find/find-and-tell.ts";
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
    .action(async (id, flags) => done(showErrors(id, flags)));
}

export interface ErrorsFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave errors [SESSION|RUN]`: every failed run of a session. A run stands for the session that it belongs to. */
export function showErrors(id: string | undefined, flags: ErrorsFlags): ExitCode {
  const { session_id, failures, fallback } = readRegistry(flags, toContext(flags), (reader, state) => {
    const { session, fallback } = findSessionOrNewest(reader, id, flags.session);
    return { session_id: session.session_id, failures: explainFailures(reader, { session, state }), fallback };
  });
  if (flags.json) writeAnswer("errors", { session_id, errors: failures, fallbacks: listFallbacks(fallback) });
  else if (failures.length === 0) writeLines(process.stdout, ["no run failed"]);
  else writeLines(process.stdout, renderRunFailures(failures, lookOf(process.stdout)));
  return 0;
}
