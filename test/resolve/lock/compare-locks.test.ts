import { describe, expect, it } from "vitest";
import { compareLocks, describeDrift } from "../../../src/resolve/lock/compare-locks.ts";
import type { Lock, LockedPin } from "../../../src/resolve/lock/lock.ts";
import { lockedRun, lockOf } from "../../rig/locks.ts";

const environment = (python: string, packages = {}) => ({
  environments: { project: { python, kedro: "1.7.0", packages } },
});
const tell = (before: Lock, after: Lock) => compareLocks(before, after).map(describeDrift);

describe("compareLocks", () => {
  it("finds nothing where nothing differs", () => {
    const lock = lockOf({ prep: lockedRun({ parameters: { a: [1] } }) }, environment("3.11.9", { numpy: "2.1.0" }));
    expect(compareLocks(lock, structuredClone(lock))).toEqual([]);
  });

  it("tells causes before what may follow from them, with before and after", () => {
    const run = { environment: "project", task: { runner: "SequentialRunner" }, catalog: { table: "1" } };
    const before = lockOf(
      {
        prep: lockedRun({
          ...run,
          code: { "toy.nodes": "1" },
          parameters: { rate: 0.1 },
          pins: { raw: { rule: "file", path: "raw.csv", hash: "1" } },
        }),
      },
      environment("3.11.9", { numpy: "2.1.0" }),
    );
    const after = lockOf(
      {
        prep: lockedRun({
          ...run,
          task: { runner: "ThreadRunner" },
          code: { "toy.nodes": "2" },
          parameters: {},
          catalog: { table: "2" },
          pins: { raw: { rule: "file", path: "raw.csv", hash: "2" } },
        }),
      },
      {
        ...environment("3.11.10", { numpy: "2.1.1" }),
        workflow: { name: "toy", on_failure: "continue", isolate: "all", publish: [] },
      },
    );
    expect(tell(before, after)).toEqual([
      "workflow on_failure: fail-fast -> continue",
      "task runner of prep: SequentialRunner -> ThreadRunner",
      "environment numpy of prep: 2.1.0 -> 2.1.1",
      "environment python of prep: 3.11.9 -> 3.11.10",
      "code toy.nodes of prep: 1 -> 2",
      "parameters rate of prep: 0.1 -> nothing",
      "catalog table of prep: 1 -> 2",
      "pins raw.hash (raw.csv) of prep: 1 -> 2",
    ]);
  });

  it("tells once what several runs share", () => {
    const withCode = (digest: string) => {
      const run = lockedRun({ code: { "toy.nodes": digest } });
      return lockOf({ a: run, b: run, c: run });
    };
    const [drift, ...others] = compareLocks(withCode("1"), withCode("2"), (_, key) => `src/${key}.py`);
    expect(others).toEqual([]);
    expect(drift).toMatchObject({ runs: ["a", "b", "c"], file: "src/toy.nodes.py" });
    expect(drift && describeDrift(drift)).toBe("code toy.nodes (src/toy.nodes.py) of a and 2 more: 1 -> 2");
  });

  it("calls a file of data that a command names a file", () => {
    const withFile = (digest: string) => lockOf({ a: lockedRun({ code: { "raw/in.csv": digest } }) });
    expect(tell(withFile("1"), withFile("2"))).toEqual(["file raw/in.csv of a: 1 -> 2"]);
  });

  it("names runs that are new or gone", () => {
    const [a, b] = [lockedRun({ fingerprint: "sha256:0a" }), lockedRun({ fingerprint: "sha256:0b" })];
    expect(tell(lockOf({ a }), lockOf({ b }))).toEqual([
      "workflow runs.a: sha256:0a -> nothing",
      "workflow runs.b: nothing -> sha256:0b",
    ]);
  });

  it("tells of a fingerprint that is of something else than what stands beside it", () => {
    const [a, forged] = [lockedRun({ fingerprint: "sha256:0a" }), lockedRun({ fingerprint: "sha256:0b" })];
    expect(tell(lockOf({ a: forged }), lockOf({ a }))).toEqual(["workflow fingerprint of a: sha256:0b -> sha256:0a"]);
  });

  it("compares no code across Python series, which write down differently what they have parsed", () => {
    const lock = (python: string, code: string) =>
      lockOf({ a: lockedRun({ environment: "project", code: { m: code } }) }, environment(python));
    expect(tell(lock("3.11.9", "1"), lock("3.12.0", "2"))).toEqual(["environment python of a: 3.11.9 -> 3.12.0"]);
  });

  it("tells a pin of another kind whole", () => {
    const lock = (pin: LockedPin) => lockOf({ a: lockedRun({ pins: { raw: pin } }) });
    expect(tell(lock({ rule: "file", path: "raw.csv" }), lock({ rule: "consumed", run: "prep" }))).toEqual([
      'pins raw of a: {"path":"raw.csv","rule":"file"} -> {"rule":"consumed","run":"prep"}',
    ]);
  });

  it("takes a parameter that is null for another than one that is not there", () => {
    const lock = (parameters: Record<string, null>) => lockOf({ a: lockedRun({ parameters }) });
    expect(compareLocks(lock({ limit: null }), lock({}))).toHaveLength(1);
  });
});
