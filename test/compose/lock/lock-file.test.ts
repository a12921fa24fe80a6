import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LockFileError, lockPath, readLock } from "../../../src/compose/lock/lock-file.ts";
import { formatLock } from "../../../src/resolve/lock/format-lock.ts";
import { LOCKED_RULES, type LockedPin, type LockedRun } from "../../../src/resolve/lock/lock.ts";
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

const word = fc.constantFrom("", "a", "b", "constructor", "1");
const json = fc.oneof(fc.constantFrom(null, 1, "x", true, [], {}), fc.dictionary(word, fc.constantFrom(1, 2, [1])));
const texts = fc.dictionary(word, fc.constantFrom("1", "2"), { maxKeys: 3 });
const values = fc.dictionary(word, json, { maxKeys: 3 });
const pin = fc.record(
  {
    rule: fc.constantFrom(...LOCKED_RULES),
    as: fc.constant("downstream" as const),
    ...{ run: word, dataset: word, alias: word, run_id: word, version: word, path: word, hash: word },
    value: json,
  },
  { requiredKeys: ["rule"] },
);
const anyRun: fc.Arbitrary<LockedRun> = fc.record({
  task: values,
  program: texts,
  pins: fc.dictionary(word, pin as fc.Arbitrary<LockedPin>, { maxKeys: 2 }),
  parameters: values,
  environment: fc.constantFrom(null, "project"),
  code: texts,
  catalog: texts,
  unlocked: fc.array(word, { maxLength: 2 }),
  fingerprint: fc.constantFrom("", "sha256:00"),
});
const names = fc.constantFrom("t[a=1]", "t[a=2]", 't[a="x y"]', "u[k=[1],b=2]", "u[k=[2],b=2]", "prep", "report");

describe("readLock", () => {
  it("reads a module that an older runweave locked as a command without words", () => {
    const run = (kind: string) => lockedRun({ task: { kind, module: "score.ts", params: { least: 1 } } });
    const path = write(formatLock(lockOf({ "t[a=1]": run("command"), "t[a=2]": run("command") })));
    expect(readLock(path)).toEqual(lockOf({ "t[a=1]": run("module"), "t[a=2]": run("module") }));
  });

  it("reads the same lock from whatever was written", () => {
    const path = write("");
    fc.assert(
      fc.property(fc.dictionary(names, anyRun), (runs) => {
        const lock = lockOf(runs, { environments: { project: { python: "3.12.1", kedro: "1.0", packages: {} } } });
        writeFileSync(path, formatLock(lock));
        expect(readLock(path)).toEqual(lock);
      }),
    );
  });

  it("reads pins of arms that differ in one key only", () => {
    const arm = (i: number) => lockedRun({ pins: { o: { rule: "consumed", run: `a[i=${i}]`, dataset: "o" } } });
    const lock = lockOf({ "b[i=1]": arm(1), "b[i=2]": arm(2) });
    expect(readLock(write(formatLock(lock)))).toEqual(lock);
  });

  it("refuses a pin that no arm has whole", () => {
    const text = JSON.stringify({ ...JSON.parse(formatLock(lockOf({}))), runs: { b: { pins: { o: { run: "a" } } } } });
    const inArm = text.replace('{"b":{', '{"b":{"arms":{"i=1":{}},');
    expect(faultOf(write(text))).toMatch(/^invalid-lock PATH is not a lock file: runs\.b\.pins\.o\.rule: /);
    expect(faultOf(write(inArm))).toMatch(/^invalid-lock PATH is not a lock file: runs\.b\[i=1\]\.pins\.o\.rule: /);
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
    expect(faultOf(write('{"runweave_lock": 2}'))).toMatch(/^invalid-lock PATH is not a lock file: runweave_lock: /);
    const text = formatLock(lockOf({ prep: lockedRun({ code: { m: "1" } }) }));
    expect(faultOf(write(text.replace('"m": "1"', '"m": 1')))).toMatch(
      /^invalid-lock PATH is not a lock file: runs.prep.code.m: /,
    );
    expect(faultOf(write(text.replace('"code"', '"cod"')))).toMatch(
      /^invalid-lock PATH is not a lock file: runs.prep: .*cod/,
    );
  });
});
