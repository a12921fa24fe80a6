import { Command, Option } from "commander";
import { addAdoption, addDataCommands } from "./data-commands.ts";
import type { ExitCode } from "./errors.ts";
import { addExplainCommands, addNamingCommands, addTaintCommands } from "./explain-commands.ts";
import { json, limit, RUN, registry, SESSION, SESSION_OR_RUN, session, since, tag } from "./options.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addReproduceCommand } from "./reproduce-command.ts";
import { addResumeCommand } from "./resume-command.ts";
import { addGcCommand, addRollbackCommand, addTrashCommands } from "./trash-commands.ts";
import { addWorkflowCommands } from "./workflow-commands.ts";

declare const RUNWEAVE_VERSION: string;

type Done = (code: ExitCode) => void;

/** The command line. Commands are imported when they are called, so that `--help` costs next to nothing. */
export function createProgram(done: Done): Command {
  const program = new Command("runweave")
    .description("Runs workflows of runs: each run gets exactly the versions that its upstream runs saved.")
    .version(typeof RUNWEAVE_VERSION === "undefined" ? "0.0.0" : RUNWEAVE_VERSION)
    .showHelpAfterError("(runweave --help lists the commands)")
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);
  addWorkflowCommands(program, done);
  addResumeCommand(program, done);
  addReplayCommand(program, done);
  addControlCommands(program, done);
  addAdoption(program, done);
  addRegistryCommands(program, done);
  addDataCommands(program, done);
  addExplainCommands(program, done);
  addReproduceCommand(program, done);
  addNamingCommands(program, done);
  addTaintCommands(program, done);
  addTrashCommands(program, done);
  addGcCommand(program, done);
  addRollbackCommand(program, done);
  addOtherCommands(program, done);
  return program;
}

const EXAMPLES = `
Examples:
  $ runweave validate workflow.yaml     what is wrong, before anything runs
  $ runweave plan workflow.yaml         what will run, in which order, on which versions
  $ runweave run workflow.yaml          run it
  $ runweave run workflow.yaml train    run train and what it needs; without a file: the nearest workflow
  $ runweave resume                     finish what was cut off, or has failed
  $ runweave replay latest --set train.params.x=2    the same with a change; what it does not touch is linked
  $ runweave show                       the newest session, run by run
  $ runweave cancel latest              stop it, from another terminal
  $ runweave lineage report             which run made the input of that number
  $ runweave why metrics@report         why it read this version, and what that was made of

Exit codes: 0 done; 1 a run failed; 2 the workflow or the usage is wrong; 3 the environment is; 130 interrupted.
`;

function addControlCommands(program: Command, done: Done): void {
  const words = {
    cancel: "cancel a session that runs in another process, or one run of it",
    pause: "start no more runs of a session; those under way go on",
    continue: "start runs of a paused session again",
  };
  for (const action of ["cancel", "pause", "continue"] as const) {
    const command = program.command(action).description(words[action]);
    if (action === "cancel") {
      command
        .argument("<id>", SESSION_OR_RUN)
        .addOption(session())
        .option("--force", "end the runs without asking them first");
    } else command.argument("<session>", SESSION);
    command
      .option("--no-wait", "don't wait until it is done")
      .addOption(json())
      .addOption(registry())
      .action(async (id, flags) =>
        done(await (await import("./commands/control.ts")).controlSession(action, id, flags)),
      );
  }
}

function addRegistryCommands(program: Command, done: Done): void {
  program
    .command("sessions")
    .description("list sessions, newest first")
    .option("--workflow <name>", "of this workflow")
    .addOption(new Option("--status <status>", "in this state").choices(["running", "success", "failed", "cancelled"]))
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .action(async (flags) => done(await (await import("./commands/sessions.ts")).listSessions(flags)));
  program
    .command("runs")
    .description("list runs, newest first")
    .option("--workflow <name>", "of this workflow")
    .addOption(session())
    .addOption(
      new Option("--status <status>", "in this state").choices([
        "pending",
        "running",
        "success",
        "failed",
        "skipped",
        "cancelled",
        "reused",
      ]),
    )
    .addOption(tag())
    .addOption(since())
    .addOption(limit())
    .addOption(json())
    .addOption(registry())
    .action(async (flags) => done(await (await import("./commands/runs.ts")).listRuns(flags)));
  program
    .command("show")
    .description("show a session, run by run; of a run, also what it loaded")
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .action(async (id, flags) => done((await import("./commands/show.ts")).showSession(id, flags)));
  program
    .command("errors")
    .description("show every failed run of a session: where, why, on which versions, and how to run it again")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .action(async (id, flags) => done((await import("./commands/errors.ts")).showErrors(id, flags)));
  addRunCommands(program, done);
}

function addRunCommands(program: Command, done: Done): void {
  program
    .command("logs")
    .description("print what a run printed")
    .argument("<run>", `${RUN}; of a session, the logs of all its runs`)
    .addOption(session())
    .option("-f, --follow", "go on printing until the run has ended")
    .option("--events", "show runweave's own lines too, each with its time")
    .addOption(json())
    .addOption(registry())
    .action(async (id, flags) => done(await (await import("./commands/logs.ts")).showLogs(id, flags)));
  program
    .command("lineage")
    .description("show which runs made what a run read, and which read what it made")
    .argument("[run]", `${RUN}; or a session; with --undeclared, a session (default: all)`)
    .addOption(new Option("--direction <way>", "where to look").choices(["up", "down", "both"]).default("up"))
    .addOption(session())
    .addOption(
      new Option(
        "--format <format>",
        "openlineage: one event per line; ro-crate: ro-crate-metadata.json; both of a session too",
      )
        .choices(["text", "json", "mermaid", "openlineage", "ro-crate"])
        .conflicts(["mermaid", "json", "undeclared"]),
    )
    .addOption(json().conflicts("mermaid"))
    .option("--mermaid", "print a Mermaid flowchart")
    .addOption(new Option("--undeclared", "list what runs loaded of others without consuming it").conflicts("mermaid"))
    .addOption(registry())
    .action(async (id, flags) => done((await import("./commands/lineage.ts")).showLineage(id ?? null, flags)));
}

function addOtherCommands(program: Command, done: Done): void {
  program
    .command("schema")
    .description("print the JSON Schema of workflow files, for editors")
    .addOption(registry().hideHelp())
    .addOption(json().hideHelp())
    .action(async () => done((await import("./commands/schema.ts")).printSchema()));
  program
    .command("doctor")
    .description("check that this machine has what runs need, and that the state folder is whole")
    .argument("[file]", "a workflow file, to check what it needs too (default: the nearest, if there is one)")
    .option("--settle", "take a copied state folder as one of its own, and an older registry as it is")
    .option("--forget-cold", "let projects that `run --verify-warm` keeps cold run warm again")
    .addOption(json())
    .addOption(registry())
    .action(async (file, flags) => done(await (await import("./commands/doctor.ts")).printDiagnosis(file, flags)));
  program
    .command("completion")
    .description("print a completion script: `source <(runweave completion bash)`")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell) => done((await import("./commands/completion.ts")).printCompletion(shell, program)));
}
