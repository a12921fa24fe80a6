import { type Command, Option } from "commander";
import { type LockResult, lockWorkflow } from "../../../compose/actions/lock-workflow.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { describeDrift } from "../../../resolve/lock/compare-locks.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, FILE, json, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { workflowOr } from "../../find/choose-workflow.ts";
import { showPath } from "../../show-path.ts";
import { writeLines, writeProblems } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const LOCK_HELP = `
If there is a lock file already, it is updated to the present workflow, code
and environment. Versions and aliases in it stay as they are, as long as they
exist.
${formatExamples(
  ["runweave lock churn.yaml", "writes churn.lock.json"],
  ["runweave run churn.yaml --locked", "runs exactly that, or nothing"],
  ["runweave lock churn.yaml --check", "exits with 1 and lists every difference, for CI"],
)}`;

/** Declares `lock`. */
export function declareLock(command: Command, done: Done): void {
  command
    .description("write a lock file: all versions, code, parameters and packages that the workflow depends on")
    .argument("[file]", FILE)
    .addOption(new Option("--check", "write nothing; exit with 1 if anything has changed").conflicts("update"))
    .option("--update", "take the newest versions instead of the locked ones")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", LOCK_HELP)
    .action(async (file, flags) => done(await lockWorkflowFile(file, flags)));
}

export interface LockFlags extends RegistryFlag {
  check?: boolean;
  update?: boolean;
  json?: boolean;
}

/** `runweave lock [FILE]`: exit 1 if `--check` finds that anything is not as in the lock file. */
export async function lockWorkflowFile(said: string | undefined, flags: LockFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const { registry, check, update } = flags;
  const result = await withStops((stops) =>
    lockWorkflow({ registry }, { file, check, update }, toContext(flags, stops)),
  );
  const { lockFile: lock_file, written, stale, drifts, held, unlocked, warnings } = result;
  if (flags.json) writeAnswer("lock", { lock_file, written, ok: !check || !stale, drifts, held, unlocked });
  else {
    writeProblems(process.stderr, warnings);
    writeLines(process.stdout, describe(result).map(cleanText));
  }
  return check && stale ? 1 : 0;
}

function describe({ lockFile, written, stale, lock, drifts, held }: LockResult): string[] {
  const verb = written ? "taken" : "drift";
  const ending = written ? "written" : stale ? "different from the lock file" : "as in the lock file";
  const runs = Object.keys(lock.runs).length;
  return [
    ...drifts.map((drift) => `${verb}  ${describeDrift(drift)}`),
    ...held.map(describeHeld),
    `${showPath(lockFile)}: ${ending}, ${runs} ${runs === 1 ? "run" : "runs"}`,
  ];
}

function describeHeld({ run, dataset, version, newest }: LockResult["held"][number]): string {
  return `held   ${dataset} of ${run}: ${version}, although ${newest} is newer (\`lock --update\` takes that)`;
}
