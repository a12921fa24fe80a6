import { join } from "node:path";
import { expect, test } from "vitest";
import { checkStartable } from "../../../src/compose/heal/check-startable.ts";
import { commandTask, plannedRun } from "../../rig/plans.ts";
import { moduleTask } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { writeFiles } from "../../rig/toy-project.ts";

test("a program or a module that is gone is a problem of its run, what is there is none", () => {
  const folder = makeTemporaryFolder();
  writeFiles(folder, { "here.ts": "" });
  const task = (parts: object) => ({ ...commandTask(), cwd: folder, ...parts });
  const module = (file: string) => moduleTask({ path: join(folder, file), params: {} }, { cwd: folder });
  const runs = [
    plannedRun("there", { task: module("here.ts") }),
    plannedRun("gone", { task: module("gone.ts") }),
    plannedRun("lost", { task: task({ argv: ["no-such-program"] }) }),
  ];
  const problems = checkStartable(runs, { PATH: process.env.PATH });
  expect(problems.map(({ runs, problem: { code, message } }) => [...runs, code, message.replace(folder, "")])).toEqual([
    [
      "gone",
      "run-gone",
      expect.stringMatching(/^gone can't be executed again: \/gone\.ts does not exist; fix `module`/),
    ],
    ["lost", "run-gone", expect.stringMatching(/^lost can't be executed again: "no-such-program" was not found/)],
  ]);
});
