import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runList } from "../rig/cli.ts";
import { listBlocks } from "../rig/page-blocks.ts";
import { makePageShell, runBlock } from "../rig/page-steps.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles } from "../rig/toy-project.ts";

const BLOCKS = listBlocks("docs/tutorial.md");
const suite = makeSuiteFolder();
const folder = join(suite, "houses");

beforeAll(() => {
  makePageShell({ suite, folder });
  symlinkSync(dirname(dirname(findTestPython())), join(folder, ".venv"));
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
    else if (language === "console") runBlock(text, { suite, folder });
  }
  const { value } = await runList<SessionRecord>(["sessions"], { cwd: folder });
  expect(value.map(({ status }) => status)).toEqual(["success", "success", "success"]);
});
