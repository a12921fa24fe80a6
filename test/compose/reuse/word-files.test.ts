import { join } from "node:path";
import { expect, test } from "vitest";
import { listWordFiles } from "../../../src/compose/reuse/word-files.ts";
import { commandTask } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { writeFiles } from "../../rig/toy-project.ts";

test("words that are files count, and values of options; the program and what the command captures do not", () => {
  const cwd = makeTemporaryFolder();
  writeFiles(cwd, { "run.sh": "", "train.py": "", "conf.yml": "", "a=b.txt": "", "out.csv": "", "build/x.bin": "" });
  const argv = [
    "./run.sh",
    "train.py",
    "--config=conf.yml",
    "a=b.txt",
    "out.csv",
    "build/x.bin",
    "--x=",
    "x".repeat(5000),
  ];
  const outputs = { table: { path: join(cwd, "out.csv") }, built: { path: join(cwd, "build") }, own: { path: null } };
  const task = { ...commandTask(), cwd, argv, outputs };
  expect(listWordFiles(task)).toEqual(["train.py", "conf.yml", "a=b.txt"].map((name) => join(cwd, name)));
  expect(listWordFiles({ ...task, shell: true })).toEqual([]);
});
