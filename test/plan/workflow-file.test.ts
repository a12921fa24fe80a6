import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SliceFacts } from "../../src/core/project-facts.ts";
import type { WorkflowDefinition } from "../../src/define/definition.ts";
import { loadWorkflow } from "../../src/define/load.ts";
import { expectPlan, makeSlice, planWith } from "./make-facts.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plan-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function load(file: string): Promise<WorkflowDefinition> {
  const loaded = await loadWorkflow(file);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value;
}

async function loadText(...lines: string[]): Promise<WorkflowDefinition> {
  const file = join(folder, "workflow.yaml");
  await writeFile(file, lines.join("\n"));
  return load(file);
}

async function placesOf(definition: WorkflowDefinition, facts: Record<string, SliceFacts> = {}): Promise<string[]> {
  const plan = planWith(definition, facts);
  const problems = plan.ok ? plan.warnings : plan.problems;
  return problems.map(({ code, location }) => `${location?.line}:${location?.column} ${code}`);
}

describe("a workflow file", () => {
  test("of commands is planned as it stands", async () => {
    const plan = expectPlan(planWith(await load("workflows/commands/workflow.yaml")));
    expect(plan.runs.map(({ run, needs }) => [run, needs])).toEqual([
      ["measure", []],
      ["summarise", ["measure"]],
      ["pack", ["measure"]],
      ["check", ["measure", "summarise", "pack"]],
    ]);
  });

  test("has the problems of its arms where the author wrote them", async () => {
    const definition = await loadText(
      "runs:",
      "  train:",
      '    command: [train, "${matrix.seed}"]',
      "    matrix: { seed: [1, 2] }",
      "    outputs: [model]",
      "  score:",
      "    command: [score]",
      "    consumes:",
      "      model: { run: train, where: { seed: 9 } }",
      "  other:",
      "    command: [other]",
      '    environment: { TOKEN: "${env:RUNWEAVE_TEST_IS_NEVER_SET}" }',
    );
    expect(await placesOf(definition)).toEqual(["9:28 no-such-variant", "12:27 unset-variable"]);
  });

  test("has what the project says at the key that it is about", async () => {
    const definition = await loadText(
      "project: .",
      "publish: [table]",
      "runs:",
      "  prep:",
      "    pipeline: prep",
      "    outputs: [table]",
      "  train:",
      "    pipelines: [train]",
      "    outputs: [table, modle]",
      "    consumes:",
      "      tables: { run: prep, dataset: table }",
      "  last:",
      "    pipeline: last",
      "    tags: [slow]",
    );
    const unknown = { code: "unknown-tag", message: "there is no tag 'slow'", hint: null };
    const places = await placesOf(definition, {
      prep: makeSlice({ outputs: ["table"] }),
      train: makeSlice({ inputs: ["table"], outputs: ["model"] }),
      last: makeSlice({ problems: [unknown] }),
    });
    expect(places).toEqual([
      "11:7 not-read",
      "9:15 not-written",
      "9:22 not-written",
      "14:12 unknown-tag",
      "10:5 not-consumed",
      "2:11 ambiguous-publish",
    ]);
  });
});
