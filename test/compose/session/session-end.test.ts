import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runWorkflow } from "../../../src/compose/actions/run-workflow.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const SETTINGS = `
import json
from kedro.framework.hooks import hook_impl
class Summary:
    count = 0
    @hook_impl
    def before_node_run(self, node):
        self.count += 1
    @hook_impl
    def after_all_runs(self, session_id, status, runs):
        outcomes = [[run["run"], run["status"]] for run in runs]
        print(json.dumps({"session": session_id, "status": status, "runs": outcomes, "count": self.count}))
HOOKS = (Summary(),)
`;

test("after_all_runs is called once in each environment, with what became of its runs", async () => {
  const folder = makeTemporaryFolder();
  const project = makeKedroProject({
    "src/demo/settings.py": SETTINGS,
    "src/demo/nodes.py":
      "def make():\n    return {}\ndef double(table):\n    raise ValueError()\ndef obey(path, name):\n    pass\n",
    "conf/prod/.gitkeep": "",
  });
  const python = findTestPython();
  const run = (pipeline: string, more = {}) => ({ project, python, pipeline, ...more });
  const runs = {
    first: run("make", { outputs: ["table"] }),
    second: run("double", { consumes: { table: "first" } }),
    elsewhere: run("make", { env: "prod" }),
    never: run("make", { needs: ["second"] }),
  };
  const record = await runWorkflow({ runs, on_failure: "continue" }, { registry: join(folder, ".runweave") }).result;
  const logs = join(folder, ".runweave/logs");
  const log = readdirSync(logs).filter((name) => name.startsWith("session_"));
  expect(log).toEqual([`session_${record.session_id}.log`]);
  const lines = readFileSync(join(logs, log[0] ?? ""), "utf8").split("\n");
  const told = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const session = { session: record.session_id, status: "failed", count: 0 };
  expect(told).toHaveLength(2);
  expect(told).toContainEqual({
    ...session,
    runs: [
      ["first", "success"],
      ["second", "failed"],
    ],
  });
  expect(told).toContainEqual({ ...session, runs: [["elsewhere", "success"]] });
});
