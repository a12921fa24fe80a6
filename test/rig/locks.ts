import type { Lock, LockedRun } from "../../src/resolve/lock/lock.ts";

export function lockedRun(over: Partial<LockedRun> = {}): LockedRun {
  return {
    task: {},
    program: {},
    pins: {},
    parameters: {},
    environment: null,
    code: {},
    catalog: {},
    unlocked: [],
    fingerprint: "sha256:00",
    ...over,
  };
}

export function lockOf(runs: Record<string, LockedRun>, over: Partial<Lock> = {}): Lock {
  const workflow = { name: "toy", on_failure: "fail-fast", isolate: "all", publish: [] };
  return { workflow, environments: {}, runs, ...over };
}
