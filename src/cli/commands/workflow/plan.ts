import { type Command, Option } from "commander";
import { prepareWorkflow } from "../../../compose/actions/plan-workflow.ts";
import { toDot } from "../../../plan/show/dot.ts";
import { toMermaid } from "../../../plan/show/mermaid.ts";
import { toPlanJson } from "../../../plan/show/plan-json.ts";
import { toPlanText } from "../../../plan/show/plan-text.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, FILE, json, probe, RUNS, registry, set } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { readFileAndRuns } from "../../find/choose-workflow.ts";
import { writeProblems, writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `plan`. */
export function declarePlan(command: Command, done: Done): void {
  command
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
      done(await planWorkflowFile(file === undefined ? [] : [file, ...runs], flags)),
    );
}

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
  const { registry, set, probe } = flags;
  const request = { workflow: file, runs, set, probe };
  const { plan, warnings } = await withStops((stops) =>
    prepareWorkflow({ registry }, request, toContext(flags, stops)),
  );
  if (flags.json) {
    writeAnswer("plan", toPlanJson(plan));
    return 0;
  }
  writeProblems(process.stderr, warnings);
  if (flags.mermaid || flags.dot) process.stdout.write(`${(flags.mermaid ? toMermaid : toDot)(plan).trimEnd()}\n`);
  else writeText(process.stdout, `${toPlanText(plan).trimEnd()}\n`);
  return 0;
}
