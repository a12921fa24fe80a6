import { type Command, Option } from "commander";
import type { ExitCode } from "./errors.ts";
import { parseCount, registry, session } from "./options.ts";

const HELP = `
For each session that has bad versions, those of its runs that saved what is tainted are executed again, and what is below them
unless it would read what it has read: the rest is linked. What comes out with other content replaces what was bad; what
comes out equal is good again, and nothing below it is touched. What replaces what is on record.

Examples:
  $ runweave heal --dry-run                            what would be executed, and what that costs
  $ runweave heal --yes                                do it, without being asked
  $ runweave heal table@prep                           that version, and what was made of it
  $ runweave heal --with raw@import=2026-11-23T21      let what that run saved replace it
  $ runweave heal --yes --move-aliases                 aliases then stand for what replaces what they stood for
`;

/** `heal`. */
export function addHealCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("heal")
    .description("make what is tainted, and what was made of it, again: the smallest replay, with its cost, on consent")
    .argument("[what...]", "DATASET@RUN: a bad version; or sessions that have some (default: all that is bad)")
    .addOption(
      new Option(
        "--with <dataset@run=run_id>",
        "let what that run saved replace a bad version; may be repeated",
      ).argParser((text, earlier: string[] = []) => [...earlier, text]),
    )
    .option("--dry-run", "show what would be executed, and what it costs")
    .option("--yes", "don't ask (without a terminal nothing is done unless it is said)")
    .option("--move-aliases", "let aliases stand for what replaces the bad versions that they stand for")
    .addOption(new Option("--max-parallel <n>", "runs at once (default: as in those sessions)").argParser(parseCount))
    .option("-v, --verbose", "a line for each node")
    .addOption(session())
    .addOption(
      new Option("--json", "print what would be done; with --yes, one event per line, the last is heal.finished"),
    )
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (what, flags) => done(await (await import("./commands/heal.ts")).healVersions(what, flags)));
}
