import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnoseMachine } from "../../../src/compose/actions/diagnose-machine.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { writeFiles } from "../../rig/toy-project.ts";

const KEDRO = "project: .\npython: /nowhere/python\nruns: { a: { pipeline: x } }\n";

test.each([
  ["a project is asked", KEDRO, "reading the project's pipelines"],
  ["there is none", "runs: { a: { command: [ls] } }\n", "checking the state folder"],
])("what doctor does is told while it does it: %s", async (_, workflow, step) => {
  const folder = makeTemporaryFolder();
  writeFiles(folder, { "workflow.yaml": workflow, "pyproject.toml": "[tool.kedro]\n" });
  const steps: (string | null)[] = [];
  const request = { file: join(folder, "workflow.yaml") };
  await diagnoseMachine({ registry: join(folder, ".runweave") }, request, { onStep: (told) => steps.push(told) });
  expect(steps).toEqual([step, null]);
});
