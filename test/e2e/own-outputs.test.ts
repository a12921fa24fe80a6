import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const IDENTITY = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"];
const folder = makeSuiteFolder();
const kedro = makeSuiteFolder();

const FLOW = `publish: [table]
runs:
  make: { command: [sh, make.sh], outputs: { table: out/table.csv } }
`;

test("what a workflow wrote and published in its repository is no changed code; a script is", async () => {
  const git = (...args: string[]) => execFileSync("git", [...IDENTITY, ...args], { cwd: folder });
  writeFiles(folder, {
    "flow.yaml": FLOW,
    "make.sh": "mkdir -p out && date +%N > out/table.csv\n",
    ".gitignore": ".runweave/\n",
  });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  const cwd = folder;
  expect(await runCli(["run", "flow.yaml"], { cwd })).toMatchObject({ exitCode: 0 });
  expect(await runCli(["lock", "flow.yaml"], { cwd })).toMatchObject({ exitCode: 0 });
  const replay = ["replay", "latest", "--set", "make.environment.A=1", "--dry-run"];
  const unchanged = await runCli(replay, { cwd });
  expect(unchanged.exitCode).toBe(0);
  expect(unchanged.stderr).not.toContain("code-changed");
  writeFileSync(join(folder, "make.sh"), "mkdir -p out && echo 2 > out/table.csv\n");
  expect((await runCli(replay, { cwd })).stderr).toMatch(/code-changed.*make\.sh/s);
});

test("committed data of a Kedro project and anchors are no changed code; the script beside them is", async () => {
  const git = (...args: string[]) => execFileSync("git", [...IDENTITY, ...args], { cwd: kedro });
  const commit = (files: Record<string, string>) => {
    writeFiles(kedro, files);
    git("add", ".");
    git("commit", "-q", "-m", "more");
  };
  git("init", "-q");
  commit({
    "flow.yaml": FLOW,
    "make.sh": "mkdir -p out && echo 1 > out/table.csv\n",
    "pyproject.toml": "[tool.kedro]\n",
    ".gitignore": ".runweave/\n",
  });
  const options = { cwd: kedro };
  expect(await runCli(["run", "flow.yaml"], options)).toMatchObject({ exitCode: 0 });
  const replay = ["replay", "latest", "--set", "make.environment.A=1", "--dry-run"];
  commit({ "data/01_raw/clicks.csv": "a\n1\n", "runweave-anchors.jsonl": "{}\n" });
  const unchanged = await runCli(replay, options);
  expect(unchanged).toMatchObject({ exitCode: 0 });
  expect(unchanged.stderr).not.toContain("code-changed");
  commit({ "data/01_raw/clicks.csv": "a\n2\n", "make.sh": "mkdir -p out && echo 2 > out/table.csv\n" });
  expect((await runCli(replay, options)).stderr).toMatch(/code-changed.*: make\.sh\n/);
});
