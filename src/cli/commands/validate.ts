import type { Problem } from "../../core/error/problem.ts";
import { type CliError, type ExitCode, explainError } from "../errors.ts";
import { workflowOr } from "../find/choose-workflow.ts";
import type { RegistryFlag } from "../open-registry.ts";
import { toProblemJson } from "../problem-json.ts";
import { readPlan } from "../read-plan.ts";
import { writeProblems } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface ValidateFlags extends RegistryFlag {
  json?: boolean;
  set?: string[];
  probe?: boolean;
}

/** `runweave validate [FILE]`: everything that can be known to be wrong before anything runs. */
export async function validateWorkflowFile(said: string | undefined, flags: ValidateFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const { problems, exitCode } = await findProblems(file, flags);
  const ok = exitCode === 0;
  if (flags.json) {
    writeAnswer("validate", { ok, problems: problems.map(toProblemJson) });
    return exitCode;
  }
  writeProblems(process.stdout, problems);
  if (ok) process.stdout.write(`${file} is valid\n`);
  return exitCode;
}

async function findProblems(
  file: string,
  { registry, set, probe }: ValidateFlags,
): Promise<{ problems: Problem[]; exitCode: ExitCode }> {
  try {
    return { problems: (await readPlan(file, { registry, probe, choice: { settings: set } })).warnings, exitCode: 0 };
  } catch (error) {
    const explained = explainError(error);
    if (explained === null || explained.exitCode === 130) throw error;
    return { problems: problemsOf(explained), exitCode: explained.exitCode };
  }
}

function problemsOf({ problems, code, message, hint }: CliError): Problem[] {
  return problems.length > 0 ? problems : [{ code, severity: "error", message, hint, location: null }];
}
