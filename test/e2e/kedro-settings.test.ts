import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const cwd = makeSuiteFolder();
beforeAll(async () => {
  writeToyProject({
    folder: join(cwd, "project"),
    pipelines: `
def count(): return {"rows": 3}
def fit(table, factor): return {"score": table["rows"] * factor}
def fail(): raise ValueError("never run")

def register_pipelines():
    return {
        "prep": Pipeline([node(count, None, "table")]),
        "train": Pipeline([node(fit, ["table", "params:model.factor"], "model")]),
        "broken": Pipeline([node(fail, None, "nothing")]),
    }
`,
    catalog: ["table", "model"]
      .map((name) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }`)
      .join("\n"),
    parameters: "model: { factor: 2 }\npass_mark: 5\n",
  });
  const runs = {
    prep: { pipeline: "prep", outputs: ["table"] },
    train: { pipeline: "train", consumes: { table: "prep" }, outputs: ["model"], params: { "model.factor": 2 } },
    broken: { pipeline: "broken" },
  };
  writeFileSync(join(cwd, "workflow.json"), JSON.stringify({ project: "project", python: findTestPython(), runs }));
});

const showLatest = async () => (await runJson<SessionRecord>(["show", "latest"], { cwd })).value;

test("a named run of a project gets what --set gives it, on record as its parameters, and diff names it", async () => {
  expect((await runCli(["run", "train"], { cwd })).exitCode).toBe(0);
  const before = await showLatest();
  expect((await runCli(["run", "train", "--set", "train.params.model.factor=7"], { cwd })).exitCode).toBe(0);
  const after = await showLatest();
  expect(after.runs.map(({ run, runtime_params }) => [run, runtime_params])).toEqual([
    ["prep", {}],
    ["train", { "model.factor": 7 }],
  ]);
  expect((await runCli(["cat", "model@train"], { cwd })).stdout).toContain("21");
  const { stdout } = await runCli(["diff", before.session_id, after.session_id], { cwd });
  expect(stdout).toMatch(/model\.factor.*2.*7/);
});

test.each([
  ["train.params.model.facter=7", 2, /error\[unknown-parameter\].*model\.factor/s],
  ["train.params.pass_mark=7", 0, /warning\[unused-parameter\]/],
  ["train.params.model.factor=2", 0, /warning\[unchanged\]/],
] as const)("plan --set %s", async (setting, code, message) => {
  const { exitCode, stderr } = await runCli(["plan", "train", "--set", setting], { cwd });
  expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
});

test("what was set is part of the plan: resume and replay have it too", async () => {
  const flags = ["--set", "train.params.model.factor=5"];
  await runCli(["run", "train", ...flags], { cwd });
  const { session_id } = await showLatest();
  expect((await runCli(["replay", session_id, "--fresh", "train"], { cwd })).exitCode).toBe(0);
  expect((await showLatest()).runs.at(-1)?.runtime_params).toEqual({ "model.factor": 5 });
});
