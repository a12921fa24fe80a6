import { type Command, Option } from "commander";
import { CACHE_MODES } from "../core/fingerprint.ts";
import type { ExitCode } from "./errors.ts";
import { json, parseCount, registry, repeatable, set } from "./options.ts";

type Done = (code: ExitCode) => void;

const FILE = "the workflow file (default: the nearest workflow.yaml, .yml, .json or .ts, here or in a folder above)";
const RUNS = "runs, arms, or names of matrices: these and what they need (default: all)";

/** The commands that take a workflow file. */
export function addWorkflowCommands(program: Command, done: Done): void {
  addRun(program, done);
  program
    .command("plan")
    .description("show what would run, in which order, on which versions")
    .argument("[file]", FILE)
    .argument("[runs...]", RUNS)
    .addOption(set())
    .addOption(json().conflicts(["mermaid", "dot"]))
    .addOption(new Option("--mermaid", "print a Mermaid flowchart").conflicts("dot"))
    .option("--dot", "print a Graphviz graph")
    .addOption(registry())
    .action(async (file, runs, flags) =>
      done(await (await import("./commands/plan.ts")).planWorkflowFile(wordsOf(file, runs), flags)),
    );
  program
    .command("validate")
    .description("report every problem of a workflow file, with its place and what to do")
    .argument("[file]", FILE)
    .addOption(set())
    .addOption(json())
    .addOption(registry())
    .action(async (file, flags) =>
      done(await (await import("./commands/validate.ts")).validateWorkflowFile(file, flags)),
    );
  addLock(program, done);
  addSimulation(program, done);
}

function wordsOf(file: string | undefined, runs: readonly string[]): string[] {
  return file === undefined ? [] : [file, ...runs];
}

const RUN_HELP = `
The first word is the workflow file if it ends as one does (.yaml, .yml, .json, .ts, .mts, .js, .mjs) or holds a /; else it is
a run, as all further words are. Named runs run with all that they need. They publish nothing: only a whole workflow does.

Fields of --set are those of \`replay\`: params.NAME, env, runner of a pipeline; environment.NAME, command.N of a command;
params.NAME, environment.NAME of a module. A matrix's name means all its arms. Values are YAML: 7 is a number, "7" a text.

Examples:
  $ runweave run                                  the nearest workflow, all of it
  $ runweave run churn.yaml train                 train, with all its arms, and what it needs
  $ runweave run 'train[k=1]'                     one arm of it, of the nearest workflow
  $ runweave run train --set train.params.x=2     with another parameter, this time
`;

function addRun(program: Command, done: Done): void {
  program
    .command("run")
    .description("run a workflow file (YAML, JSON or TypeScript), or some runs of it, as one session")
    .argument("[file]", FILE)
    .argument("[runs...]", RUNS)
    .addOption(set())
    .addOption(
      new Option("--max-parallel <n>", "runs at once (default: the file's, else the CPUs)").argParser(parseCount),
    )
    .addOption(new Option("--on-failure <policy>", "overrules the file's").choices(["fail-fast", "continue"]))
    .option("--only <run>", "this run alone, on what its upstream runs saved in an earlier session")
    .addOption(new Option("--from <session>", "that session (default: the newest that has it all)"))
    .addOption(new Option("--cache <mode>", "overrules the file's: reuse results of earlier runs").choices(CACHE_MODES))
    .option("--fresh [runs...]", "execute these runs, or all, though their results are known")
    .addOption(
      new Option("--locked", "exactly what the lock file has, or nothing: says what has drifted").conflicts("set"),
    )
    .option("-v, --verbose", "a line for each node")
    .option("--verify-warm", "then do each Kedro run again on a fresh process, and name what leaked from run to run")
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .addHelpText("after", RUN_HELP)
    .action(async (file, runs, flags) =>
      done(await (await import("./commands/run.ts")).runWorkflowFile(wordsOf(file, runs), flags)),
    );
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
    .argument("[file]", FILE)
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
    .argument("[file]", FILE)
    .option("--seed <text>", "what chance follows from: the same seed, the same sessions", "1")
    .addOption(new Option("--trials <n>", "simulated sessions (default: up to 200)").argParser(parseCount))
    .addOption(repeatable("--faults <rules>", "a fault script, or its rules; may be repeated"))
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
