import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openProbe, type ProjectProbe } from "../../src/compose/prepare/open-probe.ts";
import { preparePlan } from "../../src/compose/prepare/prepare-plan.ts";
import { formatLocation, type Problem } from "../../src/core/error/problem.ts";
import { loadWorkflow } from "../../src/define/load.ts";
import { readCases } from "../define/read-cases.ts";
import { writeMistakenProject } from "../rig/mistaken-project.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const folder = makeSuiteFolder();
const cases = ["selections", "data", "settings"].flatMap((name) =>
  readCases(`kedro-mistakes/${name}`, import.meta.url),
);
let probe: ProjectProbe;

beforeAll(() => {
  writeMistakenProject(join(folder, "project"));
  probe = openProbe();
});
afterAll(() => probe.close());

/** `line:column code: message | hint`, the severity of warnings before it; a path of the test is `W`. */
function describeProblem({ location, code, message, hint, severity }: Problem): string {
  const place = formatLocation(location).replace(/^.*?:(?=\d+:\d+$)/, "");
  const kind = severity === "warning" ? "warning " : "";
  return `${place} ${kind}${code}: ${message}${hint === null ? "" : ` | ${hint}`}`
    .replaceAll(folder, "W")
    .replaceAll("\n", "\\n");
}

async function check(text: string): Promise<string[]> {
  const file = join(folder, "flow.yaml");
  writeFileSync(file, text.replace("PYTHON", findTestPython()));
  const loaded = await loadWorkflow(file);
  if (!loaded.ok) return loaded.problems.map(describeProblem);
  const registry = { path: join(folder, "registry.db"), open: () => null, close: () => {} };
  const plan = await preparePlan(loaded.value, { environment: process.env, probe: probe.probe, registry });
  const found = plan.ok ? plan.warnings : plan.problems;
  return [...loaded.warnings, ...found].map(describeProblem);
}

describe("what a workflow gets wrong about its project", () => {
  test.each(cases)("$title", async ({ text, found }) => {
    expect(await check(text)).toEqual(found);
  });

  test("the corpus is as large as it says", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(cases.filter(({ found }) => found.length === 0)).toEqual([]);
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
  });
});
