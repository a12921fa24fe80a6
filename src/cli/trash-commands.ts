import { Argument, type Command, Option } from "commander";
import type { ExitCode } from "./errors.ts";
import { json, parseCount, parseTime, registry, SESSION } from "./options.ts";

type Done = (code: ExitCode) => void;

const olderThan = (what: string) =>
  new Option("--older-than <age>", `${what}: an age such as 12h, 7d, or an ISO 8601 time`).argParser(parseTime);

/** What happens without `--yes` anyway; other commands have such an option, so people give it. */
const dryRun = () => new Option("--dry-run", "say what would go: the default").conflicts("yes");

const TRASH_HELP = `
What failed attempts saved goes there if the workflow says \`cleanup_on_error: trash\`; what \`runweave gc\` collects; and the files
that publications replaced, for \`runweave rollback\`, which moves there what was written over them. Nothing leaves the trash by itself.

Examples:
  $ runweave trash list
  $ runweave trash restore train                      the run's data go back exactly where they were
  $ runweave trash restore gc-2026-11-23T21.04.54.666Z-0000d783fb92
  $ runweave trash empty --older-than 7d              says what would go
  $ runweave trash empty --older-than 7d --yes        deletes it, but for entries that the registry does not know
  $ runweave trash empty ID --yes                     deletes this one, known or not
`;

/** What was thrown away, and can be had back. */
export function addTrashCommands(program: Command, done: Done): void {
  program
    .command("trash")
    .description("list what was thrown away, put it back, or delete it for good")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "restore", "empty"]))
    .argument(
      "[id]",
      "of `restore`: an entry's id, a run's name or run_id (its last 8 digits do); of `empty`: an entry's id",
    )
    .addOption(olderThan("of `empty`: only what went there before"))
    .option("--yes", "of `empty`: delete it (default: say what would go)")
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TRASH_HELP)
    .action(async (action, id, flags) =>
      done(await (await import("./commands/trash.ts")).useTrash({ action, id }, flags)),
    );
}

const GC_HELP = `
The data of an attempt go only if nothing keeps them: not --keep-last, not --older-than, no alias, no tag \`keep\`, no session that
has not ended, no run that is kept and has read them, over any number of steps. What was adopted stays. Records stay in any case:
\`show\`, \`lineage\` and \`why\` go on to tell of it, and what was collected can be restored until the trash is emptied.

Examples:
  $ runweave gc --keep-last 5                         says what would go, why, and how much that frees
  $ runweave gc --keep-last 5 --older-than 30d --yes  older than 30 days, and not among the last 5 of its run: into the trash
  $ runweave tag train keep=yes                       a run whose data stay
`;

/** What nobody needs any more. */
export function addGcCommand(program: Command, done: Done): void {
  program
    .command("gc")
    .description("move the data of old runs to the trash: nothing that a kept run was made of, however far back")
    .addOption(new Option("--keep-last <n>", "keep so many of each run of each workflow").argParser(parseCount))
    .addOption(olderThan("keep what is not older"))
    .option("--yes", "do it (default: say what would go, and why)")
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", GC_HELP)
    .action(async (flags) => done(await (await import("./commands/gc.ts")).collectGarbage(flags)));
}

const ROLLBACK_HELP = `
Plain paths that the session published to get back what stood there before; then each run's \`on_rollback\` command runs, the last run
first. What is done is recorded step by step and not done again: a roll-back that was interrupted, or of which a command failed, is
simply called again. If a published file has changed since, nothing is done unless \`--force\` says so.

Examples:
  $ runweave rollback latest --dry-run
  $ runweave rollback 2026-11-23T21.04.54.666Z-0000d783fb92
`;

/** What a session did elsewhere is taken back. */
export function addRollbackCommand(program: Command, done: Done): void {
  program
    .command("rollback")
    .description("take back what a session published, and what its runs did elsewhere, the last run first")
    .argument("<session>", SESSION)
    .option("--force", "put back what stood there though somebody has written to it since")
    .option("--by-hand <run...>", "somebody has taken this run back: its command, which has failed, is not run again")
    .option("--dry-run", "say what would be done")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", ROLLBACK_HELP)
    .action(async (id, flags) => done(await (await import("./commands/rollback.ts")).rollBackSession(id, flags)));
}
