import { toDot } from "../../plan/show/dot.ts";
import { toMermaid } from "../../plan/show/mermaid.ts";
import { toPlanJson } from "../../plan/show/plan-json.ts";
import { toPlanText } from "../../plan/show/plan-text.ts";
import type { ExitCode } from "../errors.ts";
import { readFileAndRuns } from "../find/choose-workflow.ts";
import type { RegistryFlag } from "../open-registry.ts";
import { readPlan } from "../read-plan.ts";
import { writeProblems, writeText } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface PlanFlags extends RegistryFlag {
  json?: boolean;
  mermaid?: boolean;
  dot?: boolean;
  set?: string[];
  probe?: boolean;
}

/** `runweave plan [FILE] [RUN...]`. */
export async function planWorkflowFile(words: readonly string[], flags: PlanFlags): Promise<ExitCode> {
  const { file, runs } = readFileAndRuns(words);
  const choice = { names: runs, settings: flags.set };
  const { plan, warnings } = await readPlan(file, { registry: flags.registry, probe: flags.probe, choice });
  if (flags.json) {
    writeAnswer("plan", toPlanJson(plan));
    return 0;
  }
  writeProblems(process.stderr, warnings);
  if (flags.mermaid || flags.dot) process.stdout.write(`${(flags.mermaid ? toMermaid : toDot)(plan).trimEnd()}\n`);
  else writeText(process.stdout, `${toPlanText(plan).trimEnd()}\n`);
  return 0;
}
