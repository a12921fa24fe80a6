import { Argument, type Command, Option } from "commander";
import { CACHE_MODES } from "../../core/fingerprint.ts";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import {
  json,
  maxParallel,
  onFailure,
  parseCount,
  probe,
  registry,
  repeatable,
  SET_FIELDS,
  set,
  timings,
} from "./options.ts";

type Done = (code: ExitCode) => void;

const FILE = "the workflow file (default: the nearest workflow.yaml, .yml, .json or .ts, in this folder or above)";
const RUNS = "run only these, and what they need; the name of a matrix stands for all its variants (default: all)";

/** The commands that take a workflow file. */
export function addWorkflowCommands(program: Command, done: Done): void {
  addRun(program, done);
  program
    .command("plan")
    .description("show what would run, in which order, and on which versions")
    .argument("[file]", FILE)
    .argument("[runs...]", RUNS)
    .addOption(set())
    .addOption(json().conflicts(["mermaid", "dot"]))
    .addOption(new Option("--mermaid", "print a Mermaid flowchart").conflicts("dot"))
    .option("--dot", "print a Graphviz graph")
    .addOption(probe())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave plan churn.yaml", "what would run"],
        ["runweave plan churn.yaml train --mermaid", "the graph of train and what it needs"],
      ),
    )
    .action(async (file, runs, flags) =>
      done(await (await import("../commands/plan.ts")).planWorkflowFile(wordsOf(file, runs), flags)),
    );
  program
    .command("validate")
    .summary("find every problem of a workflow file")
    .description("report every problem of a workflow file: where it is and what to do")
    .argument("[file]", FILE)
    .addOption(set())
    .addOption(probe())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave validate churn.yaml"], ["runweave validate --json", "for CI"]))
    .action(async (file, flags) =>
      done(await (await import("../commands/validate.ts")).validateWorkflowFile(file, flags)),
    );
  addSimulation(program, done);
  addLock(program, done);
  addSchema(program, done);
}

function addSchema(program: Command, done: Done): void {
  program
    .command("schema")
    .description("print the JSON Schema of workflow files, or of --json")
    .addArgument(
      new Argument("[what]", "workflow: the file, for editors; answers: all that --json prints")
        .choices(["workflow", "answers"])
        .default("workflow"),
    )
    .addOption(registry().hideHelp())
    .addOption(json().hideHelp())
    .addHelpText(
      "after",
      formatExamples(["runweave schema > workflow.schema.json"], ["runweave schema answers", "of what --json prints"]),
    )
    .action(async (what) => done((await import("../commands/schema.ts")).printSchema(what)));
}

function wordsOf(file: string | undefined, runs: readonly string[]): string[] {
  return file === undefined ? [] : [file, ...runs];
}

const RUN_HELP = `
The first word is the workflow file if it has a known extension (.yaml, .yml,
.json, .ts, .mts, .js, .mjs) or contains a /. All other words are runs: these
are run with everything that they need. They publish nothing: only a whole
workflow does.

${SET_FIELDS}
${formatExamples(
  ["runweave run", "the nearest workflow, all of it"],
  ["runweave run churn.yaml train", "train, all its variants, and what it needs"],
  ["runweave run 'train[k=1]'", "one variant, of the nearest workflow"],
  ["runweave run train --set train.params.x=2", "with another parameter, this time"],
)}`;

function addRun(program: Command, done: Done): void {
  program
    .command("run")
    .summary("run a workflow, or some runs of it")
    .description("run a workflow file (YAML, JSON or TypeScript), or some runs of it, as one session")
    .argument("[file]", FILE)
    .argument("[runs...]", RUNS)
    .addOption(set())
    .addOption(maxParallel("as the file says, else the number of CPUs"))
    .addOption(onFailure())
    .option("--only <run>", "only this run, on what its upstream runs saved in an earlier session")
    .addOption(
      new Option("--from <session>", "the earlier session of --only (default: the newest that has everything)"),
    )
    .addOption(
      new Option("--cache <mode>", "reuse results of earlier runs (default: as the file says)").choices(CACHE_MODES),
    )
    .option("--fresh [runs...]", "execute these runs, or all, instead of reusing earlier results")
    .addOption(
      new Option(
        "--locked",
        "run exactly what the lock file has; if something has changed since, say what and run nothing",
      ).conflicts("set"),
    )
    .addOption(probe())
    .option("-v, --verbose", "print a line for each node")
    .option("--verify-warm", "afterwards do each Kedro run again in a new process, and report what differs")
    .addOption(timings())
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .addHelpText("after", RUN_HELP)
    .action(async (file, runs, flags) =>
      done(await (await import("../commands/run.ts")).runWorkflowFile(wordsOf(file, runs), flags)),
    );
}

const LOCK_HELP = `
If there is a lock file already, it is updated to the present workflow, code
and environment. Versions and aliases in it stay as they are, as long as they
exist.
${formatExamples(
  ["runweave lock churn.yaml", "writes churn.lock.json"],
  ["runweave run churn.yaml --locked", "runs exactly that, or nothing"],
  ["runweave lock churn.yaml --check", "exits with 1 and lists every difference, for CI"],
)}`;

function addLock(program: Command, done: Done): void {
  program
    .command("lock")
    .summary("write a lock file: versions, code, parameters, packages")
    .description("write a lock file: all versions, code, parameters and packages that the workflow depends on")
    .argument("[file]", FILE)
    .addOption(new Option("--check", "write nothing; exit with 1 if anything has changed").conflicts("update"))
    .option("--update", "take the newest versions instead of the locked ones")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", LOCK_HELP)
    .action(async (file, flags) => done(await (await import("../commands/lock.ts")).lockWorkflowFile(file, flags)));
}

const SIMULATION_HELP = `
Rules of --faults, one per line or separated by semicolons. The name of a matrix
stands for all its variants, * for every run:
  train fails twice with OSError after 10s..1m
                            also: once, 3 times, always, 10% of the time
  train dies once           its process is killed
  train hangs               it never ends by itself
  train ignores interrupts  only a kill ends it
  score loses its outputs   what it saved is missing
  prep takes 5m..20m        instead of the time that earlier sessions took
  fit is 3x slower
  user interrupts at 5m     Ctrl-C
  user kills after 3 runs   Ctrl-C twice
  orchestrator crashes at 10m
  clock jumps back 1h at 5m
${formatExamples(
  ["runweave simulate churn.yaml", "when it would end, and what decides that"],
  ['runweave simulate churn.yaml --faults "train fails twice"', "which runs would be retried, skipped, done"],
  ["runweave simulate churn.yaml --faults faults.txt --max-parallel 8 --json"],
)}`;

function addSimulation(program: Command, done: Done): void {
  program
    .command("simulate")
    .summary("estimate when it would end, and what faults would do")
    .description("estimate when a session would end, and what faults would do, without running anything")
    .argument("[file]", FILE)
    .option("--seed <text>", "seed of the random numbers: the same seed gives the same sessions", "1")
    .addOption(new Option("--trials <n>", "number of simulated sessions (default: up to 200)").argParser(parseCount))
    .addOption(repeatable("--faults <rules>", "faults to simulate: rules, or a file with rules; may be repeated"))
    .addOption(maxParallel("as the file says, else the number of CPUs"))
    .addOption(onFailure())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", SIMULATION_HELP)
    .action(async (file, flags) =>
      done(await (await import("../commands/simulate.ts")).simulateWorkflowFile(file, flags)),
    );
}
