import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
/** Asking this project leaves a file, and fails: what is said of the command line was known before. */
writeFileSync(join(cwd, "pyproject.toml"), "[tool.kedro]\n");
writeFileSync(join(cwd, "python"), `#!/bin/sh\ntouch ${join(cwd, "asked")}\nexit 1\n`, { mode: 0o755 });
writeFileSync(
  join(cwd, "flow.yaml"),
  "project: .\npython: ./python\nruns: { train: { pipelines: [a], matrix: { k: [1, 2] } } }\n",
);

test.each<[string, string[], RegExp]>([
  ["faults", ["simulate", "flow.yaml", "--faults", "train fials twice"], /--faults:1:7/],
  ["a run of the faults", ["simulate", "flow.yaml", "--faults", "trian fails twice"], /did you mean "train"\?/],
  ["--only", ["run", "flow.yaml", "--only", "trian"], /error\[unknown-run\] {2}the plan has no run "trian"/],
  ["--only of a matrix", ["run", "flow.yaml", "--only", "train"], /say which: 'train\[k=1\]'/],
  ["--fresh", ["run", "flow.yaml", "--fresh", "trian"], /error\[unknown-run\]/],
  ["a named run", ["run", "flow.yaml", "trian"], /error\[unknown-run\] {2}the workflow has no run "trian"/],
  ["--set", ["validate", "flow.yaml", "--set", "train.parms.x=1"], /error\[unknown-field\].*did you mean "params"\?/s],
  ["--from alone", ["run", "flow.yaml", "--from", "latest"], /error\[invalid-usage\]/],
])("%s that is wrong is told before the project is asked", async (_, args, message) => {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd });
  expect([exitCode, stdout + stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(existsSync(join(cwd, "asked"))).toBe(false);
});

test("the project is asked if nothing is wrong with the command line", async () => {
  expect((await runCli(["simulate", "flow.yaml"], { cwd })).exitCode).not.toBe(0);
  expect(existsSync(join(cwd, "asked"))).toBe(true);
});
