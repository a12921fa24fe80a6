import type { Command } from "commander";
import { prepareWorkflow } from "../../../compose/actions/plan-workflow.ts";
import { type Looked, WorkflowError } from "../../../compose/workflow-error.ts";
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

const MORE = "more may follow once these are mended: only the file was looked at yet, no project and no version";

/** `runweave validate [FILE]`: everything that can be known to be wrong before anything runs. */
export async function validateWorkflowFile(said: string | undefined, flags: ValidateFlags): Promise<ExitCode> {
  const file = workflowOr(said);
  const { problems, exitCode, looked } = await findProblems(file, flags);
  const ok = exitCode === 0;
  if (flags.json) {
    writeAnswer("validate", { ok, problems: problems.map(toProblemJson) });
    return exitCode;
  }
  writeProblems(process.stdout, problems);
  if (ok) process.stdout.write(`${file} is valid\n`);
  else if (looked === "file") process.stdout.write(`${MORE}\n`);
  return exitCode;
}

async function findProblems(
  file: string,
  { registry, set, probe }: ValidateFlags,
): Promise<{ problems: Problem[]; exitCode: ExitCode; looked: Looked }> {
  const request = { workflow: file, set, probe };
  try {
    const { warnings } = await withStops((stops) => prepareWorkflow({ registry }, request, toContext({}, stops)));
    return { problems: warnings, exitCode: 0, looked: "all" };
  } catch (error) {
    const explained = explainError(error);
    if (explained === null || explained.exitCode === 130) throw error;
    const looked = error instanceof WorkflowError ? error.looked : "all";
    return { problems: problemsOf(explained), exitCode: explained.exitCode, looked };
  }
}

function problemsOf({ problems, code, message, hint }: CliError): Problem[] {
  return problems.length > 0 ? problems : [{ code, severity: "error", message, hint, location: null }];
}
