import type { CommandTask } from "../../src/core/port/runner.ts";
import { NO_RESOURCES } from "../../src/core/resources.ts";
import type { VersionRecord } from "../../src/core/run.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import type { Plan, PlannedRun } from "../../src/plan/plan.ts";
import { makeCommand } from "./make-definition.ts";

/** A planned command, complete but for what a test says. */
export function plannedRun(run: string, over: Partial<PlannedRun> = {}): PlannedRun {
  const needs = over.needs ?? [...new Set(Object.values(over.consumes ?? {}).map((input) => input.run))];
  return {
    run,
    definition: makeCommand(run, { cwd: "/" }),
    arm: {},
    task: commandTask(),
    consumes: {},
    injects: {},
    timeoutMs: null,
    policy: DEFAULT_POLICY,
    onRollback: null,
    resources: NO_RESOURCES,
    index: 0,
    writes: [],
    frozen: {},
    passedOver: {},
    work: null,
    ...over,
    needs,
  };
}

export function commandTask(): CommandTask {
  return { kind: "command", argv: ["true"], shell: false, cwd: "/", environment: {}, outputs: {} };
}

export function planOf(runs: PlannedRun[], over: Partial<Plan> = {}): Plan {
  return {
    workflow: "test",
    file: null,
    project_path: null,
    maxParallel: null,
    onFailure: "fail-fast",
    capacity: null,
    publish: [],
    runs: runs.map((run, index) => ({ ...run, index })),
    ...over,
  };
}

export function versionOf(version: string, over: Partial<VersionRecord> = {}): VersionRecord {
  return {
    version,
    location: `/store/${version}/file`,
    bytes: 3,
    hash: "sha256:00",
    entry: null,
    plain_location: null,
    ...over,
  };
}
