import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

let cwd: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd, encoding: "utf8" });

beforeEach(() => {
  cwd = makeTemporaryFolder();
});

test("resume says that the code has changed, and which; a new lock file is no code", async () => {
  writeFiles(cwd, {
    ".gitignore": ".runweave/\ndone\n",
    "w.json": JSON.stringify({ runs: { say: { command: ["sh", "say.sh"] } } }),
    "say.sh": "test -e done\n",
  });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  expect((await runCli(["run", "w.json"], { cwd })).exitCode).toBe(1);
  expect((await runCli(["lock", "w.json"], { cwd })).exitCode).toBe(0);
  git("add", "w.lock.json");
  expect(await runCli(["resume"], { cwd })).toMatchObject({ exitCode: 1, stderr: "" });
  writeFiles(cwd, { "say.sh": "test -e done # mended\n", done: "" });
  const { exitCode, stderr } = await runCli(["resume"], { cwd });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^warning\[code-changed\] .*\(uncommitted changes\): say\.sh\n/);
});

test("what was changed already when the session ran is not said to have changed since", async () => {
  writeFiles(cwd, {
    ".gitignore": ".runweave/\ndone\n",
    "w.json": JSON.stringify({ runs: { say: { command: ["sh", "say.sh"] } } }),
    "say.sh": "test -e done\n",
    "old.sh": "true\n",
  });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  writeFiles(cwd, { "old.sh": "true # edited before\n", "new.sh": "true # new before\n" });
  expect((await runCli(["run", "w.json"], { cwd })).exitCode).toBe(1);
  expect((await runCli(["resume"], { cwd })).stderr).toBe("");
  writeFiles(cwd, { "say.sh": "test -e done # mended\n", "it's näw.sh": "true\n", done: "" });
  const { stderr } = await runCli(["resume"], { cwd });
  expect(stderr).toMatch(/^warning\[code-changed\] .*\(uncommitted changes\): [^,]*n\S*w\.sh, say\.sh\n/);
  const replayed = await runCli(["replay", "latest", "--fresh", "say", "--dry-run"], { cwd });
  expect(replayed.stderr).not.toMatch(/old\.sh|new\.sh/);
});

test("without git, a Kedro project is compared with the plan", async () => {
  const pipelines = `
def check(word):
    if word == "bad":
        raise ValueError(word)
    return word

def register_pipelines():
    return {"say": Pipeline([node(check, "params:word", "out", name="say")]), "__default__": Pipeline([])}
`;
  const catalog = "out: { type: text.TextDataset, filepath: data/out.txt }\n";
  writeToyProject({ folder: join(cwd, "toy"), pipelines, catalog, parameters: "word: bad\n" });
  const say = { pipeline: "say", outputs: ["out"] };
  writeFiles(cwd, { "w.json": JSON.stringify({ project: "toy", python: findTestPython(), runs: { say } }) });
  expect((await runCli(["run", "w.json"], { cwd })).exitCode).toBe(1);
  writeFiles(cwd, { "toy/conf/base/parameters.yml": "word: good\n" });
  const { stderr } = await runCli(["resume"], { cwd });
  expect(stderr).toMatch(/^warning\[code-changed\] .*toy has changed since the session's plan was made\n/);
});
