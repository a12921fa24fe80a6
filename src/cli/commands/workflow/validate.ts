import type { Command } from "commander";
import { findProblems } from "../../../compose/actions/plan-workflow.ts";
import type { Looked } from "../../../compose/workflow-error.ts";
import type { Problem } from "../../../core/error/problem.ts";
import { toProblemJson } from "../../answers/problem-json.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, FILE, json, probe, registry, set } from "../../declare/options.ts";
import { type CliError, type ExitCode, explainError } from "../../errors.ts";
import { workflowOr } from "../../find/choose-workflow.ts";
import { writeProblems } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `validate`. */
export function declareValidate(command: Command, done: Done): void {
  command
    .description("report the problems of a workflow file: where they are and what to do")
    .argument("[file]", FILE)
    .addOption(set())
    .addOption(probe())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave validate churn.yaml"], ["runweave validate --json", "for CI"]))
    .action(async (file, flags) => done(await validateWorkflowFile(file, flags)));
}

export interface ValidateFlags extends RegistryFlag {
  json?: boolean;
  set?: string[];
  probe?: boolean;
}

/** Told last where something was not looked at, as the file is wrong there. */
const MORE: Readonly<Record<Looked, string | null>> = {
  all: null,
  sound:
    "more may follow once these are mended: runs that are wrong in the file, and those that need them, were checked by the file alone",
  file: "more may follow once these are mended: only the file was looked at yet, no project and no version",
};

/** `runweave validate [FILE]`: everything that can be known to be wrong before anything runs. */
export async function validateWorkflowFile(said: string | undefined, flags: ValidateFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const { problems, exitCode, looked } = await validate(file, flags);
  const ok = exitCode === 0;
  if (flags.json) {
    writeAnswer("validate", { ok, problems: problems.map(toProblemJson) });
    return exitCode;
  }
  writeProblems(process.stdout, problems);
  const more = MORE[looked];
  if (ok) process.stdout.write(`${file} is valid\n`);
  else if (more !== null) process.stdout.write(`${more}\n`);
  return exitCode;
}

async function validate(
  file: string,
  { registry, set, probe }: ValidateFlags,
): Promise<{ problems: readonly Problem[]; exitCode: ExitCode; looked: Looked }> {
  const request = { workflow: file, set, probe };
  try {
    const { problems, looked } = await withStops((stops) => findProblems({ registry }, request, toContext({}, stops)));
    const isWrong = problems.some(({ severity }) => severity === "error");
    return { problems, exitCode: isWrong ? 2 : 0, looked };
  } catch (error) {
    const explained = explainError(error);
    if (explained === null || explained.exitCode === 130) throw error;
    return { problems: problemsOf(explained), exitCode: explained.exitCode, looked: "all" };
  }
}

function problemsOf({ problems, code, message, hint }: CliError): Problem[] {
  return problems.length > 0 ? problems : [{ code, severity: "error", message, hint, location: null }];
}
