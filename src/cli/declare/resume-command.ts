import { type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { registry, SESSION_OR_RUN, timings } from "./options.ts";

const HELP = `
The session goes on with the plan that it was started with, not with the
workflow file as it is now.

- Runs that succeeded are kept, if what they saved is still there.
- Runs that still go on, because only runweave was killed, are followed to their
  end.
- Every other run gets a new attempt.

A new attempt of a Kedro run continues at the node where the last one stopped.
Finished nodes are kept if their code, parameters and data are the same, and
what they saved is still there.

The session of a TypeScript script is only closed, and what still runs of it is
ended: start the script again.
${formatExamples(
  ["runweave resume", "the newest session that is unfinished"],
  ["runweave resume 0000d783fb92", "that session"],
)}`;

/** `resume`. */
export function addResumeCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("resume")
    .summary("finish a session that was killed, failed or was cancelled")
    .description("finish a session whose process was killed, or that failed or was cancelled")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session that is unfinished)`)
    .option("--kill", "kill what still runs of it, instead of waiting for it")
    .option("--afresh", "start new attempts from the beginning, not at the node where the last one stopped")
    .option("-v, --verbose", "print a line for each node")
    .addOption(timings())
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("../commands/resume.ts")).resumeUnfinished(id, flags)));
}
