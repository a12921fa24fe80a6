import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { binPath, cliEnvironment, runJson } from "../rig/cli.ts";
import { listBlocks } from "../rig/page-blocks.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles } from "../rig/toy-project.ts";

const BLOCKS = listBlocks("docs/tutorial.md");
const suite = makeSuiteFolder();
const folder = join(suite, "houses");

/** A command of the page, and what the page shows below it. */
interface Step {
  command: string;
  shown: string;
}

/** Lines that begin with `> ` go on with the command, as in a terminal. */
function readSteps(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [first = "", ...rest] = text.split("\n");
      const end = rest.findIndex((line) => !line.startsWith("> "));
      const command = [first, ...rest.slice(0, end).map((line) => line.slice(2))].join("\n");
      return { command, shown: rest.slice(end).join("\n") };
    });
}

function runStep({ command, shown }: Step): void {
  const exitCode = Number(/# exit code (\d+)$/.exec(command)?.[1] ?? 0);
  const who = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@b.c",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@b.c",
  };
  const path = [join(suite, "bin"), cliEnvironment().PATH].join(delimiter);
  const env = cliEnvironment({ ...who, PATH: path, VIRTUAL_ENV: undefined });
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, env, encoding: "utf8" });
  expect([command, status, stdout, stderr]).toEqual([command, exitCode, stdout, stderr]);
  // What runweave itself prints has times and ids of its own.
  if (/^cat [^>]*$/.test(command)) expect(stdout.trimEnd()).toBe(shown.trimEnd());
}

beforeAll(() => {
  mkdirSync(folder);
  symlinkSync(dirname(dirname(findTestPython())), join(folder, ".venv"));
  mkdirSync(join(suite, "bin"));
  symlinkSync(binPath(), join(suite, "bin/runweave"));
});

it("names packages that are enough: the environment of the tests has them", () => {
  const line = BLOCKS.map(({ text }) => /pip install (.*)$/m.exec(text)?.[1]).find((found) => found !== undefined);
  const names = [...(line ?? "").matchAll(/[a-z][a-z-]+/g)].map(([name]) => name);
  expect(names).toEqual(["kedro", "kedro-datasets"]);
  for (const name of names)
    execFileSync(findTestPython(), ["-c", `import importlib.metadata as m; m.version("${name}")`]);
});

it("works word by word in a clean folder, and shows what its files hold", async () => {
  for (const { file, language, text } of BLOCKS) {
    if (file !== null) writeFiles(folder, { [file]: text });
    else if (language === "console") for (const step of readSteps(text)) runStep(step);
  }
  const { value } = await runJson<SessionRecord[] | { sessions: SessionRecord[] }>(["sessions"], { cwd: folder });
  const sessions = Array.isArray(value) ? value : value.sessions;
  expect(sessions.map(({ status }) => status)).toEqual(["success", "success", "success"]);
});
