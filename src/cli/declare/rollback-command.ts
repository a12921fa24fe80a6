import type { Command } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { json, registry, SESSION } from "./options.ts";

const HELP = `
Files that the session published get back what was there before. Then each run's
\`on_rollback\` command runs, the last run first. Each step is recorded and not
done twice: if a roll-back is interrupted or a command fails, call it again. If
a published file has changed since, nothing is done without --force.
${formatExamples(["runweave rollback latest --dry-run", "what would be done"], ["runweave rollback d783fb92"])}`;

/** Things that a session did elsewhere are taken back. */
export function addRollbackCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("rollback")
    .summary("take back what a session published or did elsewhere")
    .description("take back what a session published, and what its runs did elsewhere")
    .argument("<session>", SESSION)
    .option("--force", "put the earlier files back even if the published ones have changed since")
    .option("--by-hand <run...>", "this run was taken back by hand: don't call its failed command again")
    .option("--dry-run", "only say what would be done")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("../commands/rollback.ts")).rollBackSession(id, flags)));
}
