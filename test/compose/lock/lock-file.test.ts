import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LockFileError, lockPath, readLock } from "../../../src/compose/lock/lock-file.ts";
import { formatLock } from "../../../src/resolve/format-lock.ts";
import { lockedRun, lockOf } from "../../rig/locks.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const write = (text: string): string => {
  const path = join(makeTemporaryFolder(), "churn.lock.json");
  writeFileSync(path, text);
  return path;
};
const faultOf = (path: string): string => {
  try {
    readLock(path);
  } catch (error) {
    if (error instanceof LockFileError) return `${error.code} ${error.message.replace(path, "PATH")}`;
    throw error;
  }
  return "none";
};

describe("readLock", () => {
  it("reads what was written", () => {
    const lock = lockOf({ prep: lockedRun({ task: { kind: "kedro" } }), "t[a=1]": lockedRun(), "t[a=2]": lockedRun() });
    expect(readLock(write(formatLock(lock)))).toEqual(lock);
  });

  it("stands beside the workflow file, whatever form that has", () => {
    expect(["a/churn.yaml", "churn.ts", "churn"].map(lockPath)).toEqual([
      "a/churn.lock.json",
      "churn.lock.json",
      "churn.lock.json",
    ]);
  });

  it("says what is wrong", () => {
    expect(faultOf("/nowhere/churn.lock.json")).toBe("no-lock there is no lock file PATH");
    expect(faultOf(write("<<<<<<< HEAD\n"))).toMatch(/^invalid-lock PATH:1:1 can't be read: /);
    expect(faultOf(write('{"runweave_lock": 2}'))).toMatch(/^invalid-lock PATH is no lock file: runweave_lock: /);
    const text = formatLock(lockOf({ prep: lockedRun({ code: { m: "1" } }) }));
    expect(faultOf(write(text.replace('"m": "1"', '"m": 1')))).toMatch(
      /^invalid-lock PATH is no lock file: runs.prep.code.m: /,
    );
    expect(faultOf(write(text.replace('"code"', '"cod"')))).toMatch(
      /^invalid-lock PATH is no lock file: runs.prep: .*cod/,
    );
  });
});
