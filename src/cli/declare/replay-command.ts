import { type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { maxParallel, registry, repeatable, SESSION_OR_RUN, SET_FIELDS, session, set, timings } from "./options.ts";

const HELP = `
A replay is a new session with the plan of the old one. Runs that your changes
affect are executed, and the runs downstream of them; all others are reused. A
downstream run is reused too if all its inputs turn out equal. Nothing is
published without --publish. At the end you see how the two sessions differ.

${SET_FIELDS}
${formatExamples(
  ["runweave replay latest --set train.params.model_options.random_state=7 --dry-run"],
  ["runweave replay latest --set 'train[seed=1].params.model_options.depth=3' --set report.env=prod"],
  ["runweave replay d783fb92 --pin metrics@report=d783fb92"],
  ["runweave replay train", "that run of the newest session again, and what is downstream of it"],
)}`;

/** `replay`. */
export function addReplayCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("replay")
    .summary("do a session again with a change")
    .description("do a session again with a change: only what the change affects is executed, the rest is reused")
    .argument("<id>", `${SESSION_OR_RUN}; of a run: this run and what is downstream of it`)
    .addOption(session())
    .addOption(set())
    .addOption(repeatable("--pin <dataset@run=run_id>", "let a run read what this other run saved; may be repeated"))
    .option("--fresh <runs...>", "execute these runs too, though nothing changes for them")
    .option("--dry-run", "show what would be executed and what reused, why, and how long it takes")
    .option("--publish", "publish what the workflow publishes, if the session succeeds")
    .addOption(maxParallel("as in that session"))
    .option("-v, --verbose", "print a line for each node")
    .addOption(timings())
    .addOption(
      new Option("--json", "print one event per line, then the differences; with --dry-run: what would be done"),
    )
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("../commands/replay.ts")).replaySession(id, flags)));
}
