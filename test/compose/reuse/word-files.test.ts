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
});

test("so do the files that a script for a shell names, but for those that it writes by a redirection", () => {
  const cwd = makeTemporaryFolder();
  writeFiles(cwd, { "train.py": "", "conf.yml": "", "in.csv": "", "log.txt": "", "out.csv": "", "other.txt": "" });
  const script =
    "python train.py --config=conf.yml < 'in.csv' >> log.txt 2>other.txt; cp out.csv \"$1\"; cat gone.txt .";
  const outputs = { table: { path: join(cwd, "out.csv") } };
  const expected = ["train.py", "conf.yml", "in.csv"].map((name) => join(cwd, name));
  const task = { ...commandTask(), cwd, outputs };
  expect(listWordFiles({ ...task, shell: true, argv: [script] })).toEqual(expected);
  expect(listWordFiles({ ...task, argv: ["bash", "-c", script, "x"] })).toEqual(expected);
  expect(listWordFiles({ ...task, argv: ["echo", "-c", script] })).toEqual([]);
});
