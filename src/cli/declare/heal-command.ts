import { type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { maxParallel, registry, repeatable, session } from "./options.ts";

const HELP = `
In each session that has bad versions, the runs that saved them are executed
again, and the runs downstream of them unless their inputs turn out equal.
Everything else is reused. A version that comes out different replaces the bad
one; one that comes out equal counts as good again. Which version replaces which
is recorded.
${formatExamples(
  ["runweave heal --dry-run", "what would be executed, and how long it takes"],
  ["runweave heal --yes", "do it without asking"],
  ["runweave heal table@prep", "that version, and what was made of it"],
  ["runweave heal --with raw@import=d783fb92", "replace it by what that run saved"],
  ["runweave heal --yes --move-aliases", "aliases move to the new versions"],
)}`;

/** `heal`. */
export function addHealCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("heal")
    .summary("re-run only what bad data affects, after asking")
    .description("re-run only what bad data affects; shows the plan and asks first")
    .argument(
      "[what...]",
      "a bad version (DATASET@RUN, or an alias), or a session that has some (default: all that is bad)",
    )
    .addOption(repeatable("--with <version=run_id>", "replace a bad version by what this run saved; may be repeated"))
    .option("--dry-run", "only show what would be executed, and how long it takes")
    .option("--yes", "don't ask (needed where there is no terminal to ask on)")
    .option("--move-aliases", "move aliases from the bad versions to those that replace them")
    .addOption(maxParallel("as in those sessions"))
    .option("-v, --verbose", "print a line for each node")
    .addOption(session())
    .addOption(
      new Option("--json", "print what would be done; with --yes: one event per line, the last is heal.finished"),
    )
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (what, flags) => done(await (await import("../commands/heal.ts")).healVersions(what, flags)));
}
