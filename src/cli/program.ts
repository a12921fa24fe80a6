import { Command, Option } from "commander";
import { CACHE_MODES } from "../core/fingerprint.ts";
import { addAdoption, addDataCommands } from "./data-commands.ts";
import type { ExitCode } from "./errors.ts";
import { addExplainCommands, addNamingCommands, addTaintCommands } from "./explain-commands.ts";
import { json, limit, parseCount, RUN, registry, SESSION, SESSION_OR_RUN, session, since, tag } from "./options.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addReproduceCommand } from "./reproduce-command.ts";
import { addResumeCommand } from "./resume-command.ts";
import { addGcCommand, addRollbackCommand, addTrashCommands } from "./trash-commands.ts";

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
  $ runweave resume                     finish what was cut off, or has failed
  $ runweave replay latest --set train.params.x=2    the same with a change; what it does not touch is linked
  $ runweave show                       the newest session, run by run
  $ runweave cancel latest              stop it, from another terminal
  $ runweave lineage report             which run made the input of that number
  $ runweave why metrics@report         why it read this version, and what that was made of

Exit codes: 0 done; 1 a run failed; 2 the workflow or the usage is wrong; 3 the environment is; 130 interrupted.
`;

function addWorkflowCommands(program: Command, done: Done): void {
  program
    .command("run")
    .description("run a workflow file (YAML, JSON or TypeScript) as one session")
    .argument("<file>", "the workflow file")
    .addOption(
      new Option("--max-parallel <n>", "runs at once (default: the file's, else the CPUs)").argParser(parseCount),
    )
    .addOption(new Option("--on-failure <policy>", "overrules the file's").choices(["fail-fast", "continue"]))
    .option("--only <run>", "this run alone, on what its upstream runs saved in an earlier session")
    .addOption(new Option("--from <session>", "that session (default: the newest that has it all)"))
    .addOption(new Option("--cache <mode>", "overrules the file's: reuse results of earlier runs").choices(CACHE_MODES))
    .option("--fresh [runs...]", "execute these runs, or all, though their results are known")
    .option("--locked", "exactly what the lock file has, or nothing: says what has drifted")
    .option("-v, --verbose", "a line for each node")
    .option("--verify-warm", "then do each Kedro run again on a fresh process, and name what leaked from run to run")
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .action(async (file, flags) => done(await (await import("./commands/run.ts")).runWorkflowFile(file, flags)));
  program
    .command("plan")
    .description("show what would run, in which order, on which versions")
    .argument("<file>", "the workflow file")
    .addOption(json().conflicts(["mermaid", "dot"]))
    .addOption(new Option("--mermaid", "print a Mermaid flowchart").conflicts("dot"))
    .option("--dot", "print a Graphviz graph")
    .addOption(registry())
    .action(async (file, flags) => done(await (await import("./commands/plan.ts")).planWorkflowFile(file, flags)));
  program
    .command("validate")
    .description("report every problem of a workflow file, with its place and what to do")
    .argument("<file>", "the workflow file")
    .addOption(json())
    .addOption(registry())
    .action(async (file, flags) =>
      done(await (await import("./commands/validate.ts")).validateWorkflowFile(file, flags)),
    );
  addLock(program, done);
  addSimulation(program, done);
}

const LOCK_HELP = `
Without an option, a lock file that is there is brought up to date with the workflow, the code and the environment, and goes
on holding the versions and aliases that it has, as long as they can be had.

Examples:
  $ runweave lock churn.yaml             writes churn.lock.json
  $ runweave run churn.yaml --locked     exactly that, or nothing
  $ runweave lock churn.yaml --check     exit 1 and every drift, for CI
`;

function addLock(program: Command, done: Done): void {
  program
    .command("lock")
    .description("write down all that the runs of a workflow depend on: versions, code, parameters, packages")
    .argument("<file>", "the workflow file")
    .addOption(new Option("--check", "write nothing; exit 1 if anything has drifted").conflicts("update"))
    .option("--update", "take the newest versions instead of those that are locked")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", LOCK_HELP)
    .action(async (file, flags) => done(await (await import("./commands/lock.ts")).lockWorkflowFile(file, flags)));
}

const SIMULATION_HELP = `
Rules of --faults, one a line or between semicolons; a matrix's name means all its arms, * every run:
  train fails twice with OSError after 10s..1m    (also: once, 3 times, always, 10% of the time)
  train dies once           its process is killed     train hangs            it never ends by itself
  score loses its outputs   what it saved is gone     train ignores interrupts
  prep takes 5m..20m        instead of what earlier sessions took
  fit is 3x slower
  user interrupts at 5m     user kills after 3 runs   orchestrator crashes at 10m
  clock jumps back 1h at 5m

Examples:
  $ runweave simulate churn.yaml                                  when would it end, and what decides it
  $ runweave simulate churn.yaml --faults "train fails twice"     which runs would be retried, skipped, done
  $ runweave simulate churn.yaml --faults faults.txt --max-parallel 8 --json
`;

function addSimulation(program: Command, done: Done): void {
  program
    .command("simulate")
    .description("foretell a session, with faults if you like, without running anything of it")
    .argument("<file>", "the workflow file")
    .option("--seed <text>", "what chance follows from: the same seed, the same sessions", "1")
    .addOption(new Option("--trials <n>", "simulated sessions (default: up to 200)").argParser(parseCount))
    .addOption(
      new Option("--faults <rules>", "a fault script, or its rules; may be repeated").argParser(
        (text, earlier: string[] = []) => [...earlier, text],
      ),
    )
    .addOption(
      new Option("--max-parallel <n>", "runs at once (default: the file's, else the CPUs)").argParser(parseCount),
    )
    .addOption(new Option("--on-failure <policy>", "overrules the file's").choices(["fail-fast", "continue"]))
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", SIMULATION_HELP)
    .action(async (file, flags) =>
      done(await (await import("./commands/simulate.ts")).simulateWorkflowFile(file, flags)),
    );
}

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
    .action(async (flags) => done((await import("./commands/sessions.ts")).listSessions(flags)));
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
    .action(async (flags) => done((await import("./commands/runs.ts")).listRuns(flags)));
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
    .argument("[file]", "a workflow file, to check what it needs too")
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
