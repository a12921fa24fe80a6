import { type Command, Option } from "commander";
import type { ExitCode } from "./errors.ts";
import { registry, SESSION_OR_RUN } from "./options.ts";

const HELP = `
The session goes on by the plan that it was started with, not by the workflow file as it is now.
A session whose process is gone: runs that have ended stay as they are; those that were under way are followed to their end,
or get a new attempt. A session that had failed or was cancelled: every run that has not succeeded gets a new attempt.
Runs that succeeded are kept if what they saved is still there.
A session of a script that was cut off is closed: what still runs of it is ended, and the script is to be started again.
A new attempt of a Kedro run goes on at the node where the one before was cut off: what finished with the same code, parameters
and data, and is still there as it was saved, is taken over.
`;

/** `resume`. */
export function addResumeCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("resume")
    .description("finish a session whose process was killed, or that failed or was cancelled")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session that is unfinished)`)
    .option("--kill", "end what still runs of it, instead of waiting for that")
    .option("--afresh", "give new attempts nothing of what earlier ones had done")
    .option("-v, --verbose", "a line for each node")
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("./commands/resume.ts")).resumeUnfinished(id, flags)));
}
