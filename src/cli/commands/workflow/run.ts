import { type Command, Option } from "commander";
import { executeWorkflow, type RunRequest } from "../../../compose/actions/run-workflow.ts";
import { verifyWarm, type WarmVerdict } from "../../../compose/verify/verify-warm.ts";
import { CACHE_MODES } from "../../../core/fingerprint.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import type { RegistryFlag } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import {
  type Done,
  FILE,
  keepWorker,
  maxParallel,
  onFailure,
  probe,
  RUNS,
  registry,
  SET_FIELDS,
  set,
  timings,
} from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { readFileAndRuns } from "../../find/choose-workflow.ts";
import type { KeepFlags } from "../../keep-workers.ts";
import { exitCodeOf, type OutputFlags, toSessionContext, writeEnding } from "../../session-output.ts";
import { writeLines, writeProblems } from "../../terminal.ts";
import { type TimingFlags, timeCommand } from "../../time-command.ts";

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

/** Declares `run`. */
export function declareRun(command: Command, done: Done): void {
  command
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
    .addOption(keepWorker())
    .addOption(timings())
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(registry())
    .addHelpText("after", RUN_HELP)
    .action(async (file, runs, flags) => done(await runWorkflowFile(file === undefined ? [] : [file, ...runs], flags)));
}

type Asked = Omit<RunRequest, "workflow" | "runs" | "observe">;

export interface RunFlags extends OutputFlags, TimingFlags, RegistryFlag, KeepFlags, Asked {
  verifyWarm?: boolean;
}

/** `runweave run [FILE] [RUN...]`. */
export async function runWorkflowFile(words: readonly string[], flags: RunFlags): Promise<ExitCode> {
  const { file, runs } = readFileAndRuns(words);
  refuseUsage(runs, flags);
  const { registry, verifyWarm: observe, ...asked } = flags;
  const request = { ...asked, workflow: file, runs, observe };
  return await timeCommand(flags, async ({ stops, phases }) => {
    const ended = await executeWorkflow({ registry }, request, toSessionContext(flags, stops, phases));
    if (!flags.json) {
      writeEnding(ended, phases.totalMs());
      writeProblems(process.stderr, ended.problems);
    }
    const verdicts = observe ? await verifyWarm(ended) : [];
    writeVerdicts(verdicts);
    return verdicts.some(({ leaks }) => leaks.length > 0) ? 1 : exitCodeOf(ended, stops);
  });
}

function refuseUsage(runs: readonly string[], { only, from, locked }: RunFlags): void {
  if (from !== undefined && only === undefined)
    throw new CliError("invalid-usage", "--from says nothing without --only");
  const whole = only !== undefined ? "--only" : locked ? "--locked" : null;
  if (runs.length > 0 && whole !== null)
    throw new CliError("invalid-usage", `${whole} and the names of runs don't go together: ${runs.join(" ")}`);
}

/** Writes the verdicts of `--verify-warm` to stderr: stdout may be for a script. */
function writeVerdicts(verdicts: readonly WarmVerdict[]): void {
  writeLines(process.stderr, verdicts.flatMap(describeVerdict).map(cleanText));
}

function describeVerdict({ run, project_path, leaks, random_outputs }: WarmVerdict): string[] {
  const random = random_outputs.map(
    (dataset) => `  ${dataset} differs each time that the run is done: this says nothing`,
  );
  if (leaks.length === 0) return [`${run}: warm equals cold`, ...random];
  return [
    `${run}: warm differs from cold`,
    ...leaks.map((leak) => `  leaked: ${leak}`),
    ...random,
    `  ${project_path} is kept cold from now on; \`runweave doctor\` shows it, \`runweave doctor --forget-cold\` ends it`,
  ];
}
