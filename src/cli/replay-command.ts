import { type Command, Option } from "commander";
import type { ExitCode } from "./errors.ts";
import { parseCount, registry, repeatable, SESSION_OR_RUN, session, set } from "./options.ts";

const HELP = `
A new session, by the plan of the old one: what the changes touch, and what is downstream of that, is executed; the rest is
linked to what it came to. Where something comes out equal, what is below it is linked too. Nothing is published unless
--publish says so. At the end stands how the two sessions differ.

Fields of --set: params.NAME, env, runner of a pipeline; environment.NAME, command.N of a command; params.NAME,
environment.NAME of a module. A matrix's name means all its arms. Values are YAML: 7 is a number, "7" a text.

Examples:
  $ runweave replay latest --set train.params.model_options.random_state=7 --dry-run
  $ runweave replay latest --set 'train[seed=1].params.model_options.depth=3' --set report.env=prod
  $ runweave replay 2026-11-23T21 --pin metrics@report=d783fb92
  $ runweave replay train            that run of the newest session again, and what is downstream of it
`;

/** `replay`. */
export function addReplayCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("replay")
    .description(
      "run a session, or one run and what is downstream of it, again with changes; link what they don't touch",
    )
    .argument("<id>", SESSION_OR_RUN)
    .addOption(session())
    .addOption(set())
    .addOption(repeatable("--pin <dataset@run=run_id>", "let a run read what that run saved; may be repeated"))
    .option("--fresh <runs...>", "execute these runs too, though nothing of them changes")
    .option("--dry-run", "show what would be executed and what linked, why, and how long that takes")
    .option("--publish", "publish what the workflow publishes, if it succeeds")
    .addOption(new Option("--max-parallel <n>", "runs at once (default: as in that session)").argParser(parseCount))
    .option("-v, --verbose", "a line for each node")
    .addOption(
      new Option("--json", "print one event per line, and then what differs; with --dry-run, what would be done"),
    )
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("./commands/replay.ts")).replaySession(id, flags)));
}
