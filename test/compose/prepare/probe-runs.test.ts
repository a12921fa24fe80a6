import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { preparePlan } from "../../../src/compose/prepare/prepare-plan.ts";
import type { ProbeProject } from "../../../src/compose/prepare/probe-runs.ts";
import { EnvironmentError } from "../../../src/core/error/environment-error.ts";
import { problemAt } from "../../../src/core/error/problem.ts";
import type { ProbeRequest } from "../../../src/core/project-facts.ts";
import { loadWorkflow } from "../../../src/define/load.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** `a` names its environment itself, `b` takes it from the defaults, `c` asks another Python. */
const WORKFLOW = `project: .
defaults:
  env: base
runs:
  a:
    pipeline: p
    env: prod
    runner: ParallelRunner
    async: true
    outputs: [t]
    consumes: { x: { value: 1 } }
  b:
    pipeline: p
  c:
    pipeline: p
    python: other
`;

async function planWith(
  refusals: Record<string, () => never | { code: string }>,
  {
    asked = [],
    workflow = WORKFLOW,
    environment = {},
  }: { asked?: ProbeRequest[]; workflow?: string; environment?: Record<string, string> } = {},
) {
  const file = join(makeTemporaryFolder(), "w.yaml");
  writeFileSync(file, workflow);
  const definition = await loadWorkflow(file);
  if (!definition.ok) throw new Error(definition.problems[0]?.message);
  const probe: ProbeProject = async (task, request) => {
    const { slices } = request;
    asked.push(request);
    const refuse = refusals[task.python === null ? `env ${task.env}` : "python"];
    if (refuse !== undefined) return { ok: false, problems: [problemAt(null, refuse().code, `of ${task.env}`)] };
    const empty = { problems: [{ code: "empty-slice", message: "no node", hint: null }], nodes: [] };
    const facts = { ...empty, inputs: [], outputs: [], datasets: {} };
    const answers = Object.keys(slices).map((run) => [run, facts] as const);
    return {
      ok: true,
      warnings: [],
      value: { kedro: "1", python: "3", pipelines: [], slices: Object.fromEntries(answers) },
    };
  };
  const registry = { path: "none", open: () => null, close: () => {} };
  return await preparePlan(definition.value, { environment, probe, registry });
}

const places = (checked: Awaited<ReturnType<typeof planWith>>) =>
  (checked.ok ? checked.warnings : checked.problems).map(
    ({ code, location }) => `${code} ${location?.line}:${location?.column}`,
  );

const lacks = (code: string) => (): never => {
  throw new EnvironmentError({ code, message: "is not there", hint: null, traceback: null });
};

describe("a project that can't be asked in one way", () => {
  test("hides nothing of what it says when it is asked in another", async () => {
    const found = await planWith({ "env prod": () => ({ code: "env-not-found" }) });
    expect(places(found).sort()).toEqual(["empty-slice 15:15", "empty-slice 13:15", "env-not-found 7:10"].sort());
  });

  test("is told where the workflow says so: in the defaults", async () => {
    const found = await planWith({ "env base": () => ({ code: "env-not-found" }) });
    expect(places(found)).toContain("env-not-found 3:8");
  });

  test.each([
    ["names, where it is named", "nosuch", "env-not-found 1:10: of nosuch, which KEDRO_ENV names"],
    ["does not name, as the workflow does", "base", "env-not-found 3:26: of prod"],
  ])("says of an environment that KEDRO_ENV %s", async (_, KEDRO_ENV, expected) => {
    const workflow = "project: .\nruns:\n  a: { pipeline: p, env: prod }\n  b: { pipeline: p }\n";
    const missing = KEDRO_ENV === "base" ? "prod" : KEDRO_ENV;
    const refusals = { [`env ${missing}`]: () => ({ code: "env-not-found" }) };
    const found = await planWith(refusals, { workflow, environment: { KEDRO_ENV } });
    const told = (found.ok ? [] : found.problems).map(
      ({ code, message, location }) => `${code} ${location?.line}:${location?.column}: ${message}`,
    );
    expect(told).toContain(expected);
  });

  test("is told at the project, if it is about nothing else", async () => {
    const found = await planWith({ "env base": () => ({ code: "project-import" }) });
    expect(places(found)).toContain("project-import 1:10");
  });
});

describe("a machine that lacks what one project needs", () => {
  test("is one problem among others", async () => {
    const found = await planWith({ python: lacks("python-missing") });
    expect(places(found)).toEqual(["empty-slice 6:15", "empty-slice 13:15", "python-missing 16:13"]);
  });

  test("ends the planning if nothing else is wrong", async () => {
    const everywhere = lacks("kedro-missing");
    const planning = planWith({ python: everywhere, "env base": everywhere, "env prod": everywhere });
    await expect(planning).rejects.toMatchObject({ code: "kedro-missing" });
  });
});

test("a project is asked how each run is to be executed, and what it is given", async () => {
  const asked: ProbeRequest[] = [];
  await planWith({}, { asked });
  expect(asked[0]?.slices.a).toMatchObject({
    runner: "ParallelRunner",
    is_async: true,
    outputs: ["t"],
    supplied: ["x"],
  });
});
