import { type Command, Option } from "commander";
import { RUN_STATUSES, SESSION_STATUSES } from "../../core/run.ts";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { json, limit, RUN, registry, SESSION_OR_RUN, session, since, tag } from "./options.ts";

type Done = (code: ExitCode) => void;

/** Sessions and runs that there were: lists, one of them, its failures and logs, and two compared. */
export function addLookCommands(program: Command, done: Done): void {
  addSessions(program, done);
  addRuns(program, done);
  addShow(program, done);
  addErrors(program, done);
  addLogs(program, done);
  addDiff(program, done);
}

function addSessions(program: Command, done: Done): void {
  program
    .command("sessions")
    .description("list sessions, newest first")
    .option("--workflow <name>", "only of this workflow")
    .addOption(new Option("--status <status>", "only in this state").choices(SESSION_STATUSES))
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave sessions --since 7d", "the sessions of a week"],
        ["runweave sessions --status running", "those that still run"],
      ),
    )
    .action(async (flags) => done(await (await import("../commands/sessions.ts")).listSessions(flags)));
}

function addRuns(program: Command, done: Done): void {
  program
    .command("runs")
    .description("list runs, newest first")
    .option("--workflow <name>", "only of this workflow")
    .addOption(session())
    .addOption(new Option("--status <status>", "only in this state").choices(RUN_STATUSES))
    .addOption(tag())
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave runs --session latest", "the runs of the newest session"],
        ["runweave runs --status failed --since 12h"],
        ["runweave runs --tag team=pricing", "those that were tagged so"],
      ),
    )
    .action(async (flags) => done(await (await import("../commands/runs.ts")).listRuns(flags)));
}

function addShow(program: Command, done: Done): void {
  program
    .command("show")
    .description("show a session, run by run; or a run and what it loaded")
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave show", "the newest session"], ["runweave show 'train[k=1]'", "one run of it"]),
    )
    .action(async (id, flags) => done((await import("../commands/show.ts")).showSession(id, flags)));
}

function addErrors(program: Command, done: Done): void {
  program
    .command("errors")
    .summary("show why runs of a session failed, and how to run them again")
    .description("show each failed run of a session: where and why it failed, what it read, and how to run it again")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave errors", "all failures of the newest session"], ["runweave errors train"]),
    )
    .action(async (id, flags) => done((await import("../commands/errors.ts")).showErrors(id, flags)));
}

function addLogs(program: Command, done: Done): void {
  program
    .command("logs")
    .description("print what a run printed")
    .argument("<run>", `${RUN}; a session stands for all its runs`)
    .addOption(session())
    .option("-f, --follow", "go on printing until the run has ended")
    .option("--events", "show runweave's own lines too, each with its time")
    .option("--raw", "on a terminal too, print every byte as it is: a program may have printed what moves the cursor")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave logs train --follow", "as it prints"],
        ["runweave logs latest", "all runs of a session"],
      ),
    )
    .action(async (id, flags) => done(await (await import("../commands/logs.ts")).showLogs(id, flags)));
}

function addDiff(program: Command, done: Done): void {
  program
    .command("diff")
    .summary("show how two sessions or two runs differ, the first cause first")
    .description(
      "show how two sessions differ, or two runs with all that they were made of; the first cause comes first",
    )
    .argument("<a>", SESSION_OR_RUN)
    .argument("<b>", "the session or run to compare it with")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave diff 0000d783fb92 latest", "an earlier session and the newest"],
        ["runweave diff 'train[k=1]' 'train[k=2]'", "two variants of one session"],
      ),
    )
    .action(async (a, b, flags) => done(await (await import("../commands/diff.ts")).showDiff(a, b, flags)));
}
