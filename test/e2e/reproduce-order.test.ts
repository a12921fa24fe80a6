import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Reproduction } from "../../src/core/answer/reproduction.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const home = makeSuiteFolder();
const beside = join(makeSuiteFolder(), "beside.txt");
const env = { PYTHONHASHSEED: undefined };

/** What forks of one process have in common, and another process has not; and what all have. */
const PIPELINES = `
import random
SALT = random.random()
def countries():
    return list({"France", "Niue", "Chad", "Peru", "Oman", "Fiji", "Cuba", "Mali", "Iran", "Laos", "Togo", "Guam"})
def register_pipelines():
    make = lambda name, function: Pipeline([node(function, None, name, name=f"make_{name}")])
    return {
        "order": make("order", countries),
        "salt": make("salt", lambda: SALT),
        "undeclared": make("undeclared", lambda: open("${beside}").read()),
    }
`;
const CATALOG = `
order: { type: json.JSONDataset, filepath: data/order.json }
salt: { type: json.JSONDataset, filepath: data/salt.json }
undeclared: { type: json.JSONDataset, filepath: data/undeclared.json }
`;
const WORKFLOW = `
project: project
python: ${findTestPython()}
runs:
  order: { pipeline: order, outputs: [order] }
  salt: { pipeline: salt, outputs: [salt] }
  undeclared: { pipeline: undeclared, outputs: [undeclared] }
`;

async function explain(run: string): Promise<Reproduction["divergence"]> {
  const { value } = await runJson<Reproduction>(["reproduce", run], { cwd: home, env });
  expect(value.verdict).toBe("different");
  return value.divergence;
}

beforeAll(async () => {
  writeToyProject({ folder: join(home, "project"), pipelines: PIPELINES, catalog: CATALOG });
  writeFiles(home, { "w.yaml": WORKFLOW, ".gitignore": "data/\n__pycache__/\n" });
  writeFileSync(beside, "then");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd: home });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  expect(await runCli(["run", "w.yaml"], { cwd: home, env })).toMatchObject({ exitCode: 0, stderr: "" });
  writeFileSync(beside, "now");
});

test.each(["order", "salt"])("what forks of one process have in common is no drift: %s", async (run) => {
  expect(await explain(run)).toMatchObject({
    dataset: run,
    node: `make_${run}`,
    kind: "non-deterministic",
    cause: { kind: "seed" },
  });
});

test("what comes out otherwise than it was recorded, but the same each time, is drift", async () => {
  expect(await explain("undeclared")).toMatchObject({ kind: "drift", cause: { kind: "unknown" } });
});
