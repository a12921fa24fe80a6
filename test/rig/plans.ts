import type { CommandTask } from "../../src/core/port/runner.ts";
import type { ConsumedRead, GivenRead, Read } from "../../src/core/read.ts";
import { NO_RESOURCES } from "../../src/core/resources.ts";
import type { VersionRecord } from "../../src/core/run.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import type { Plan, PlannedRun } from "../../src/plan/plan.ts";
import { makeCommand } from "./make-definition.ts";

/** A planned run in parts, in which reads may be said by their kind. */
interface RunParts extends Partial<PlannedRun> {
  consumes?: Record<string, Omit<ConsumedRead, "rule">>;
  injects?: Record<string, GivenRead>;
  writes?: string[];
  frozen?: Record<string, string>;
  /** Newest versions of the project, by dataset. */
  passedOver?: Record<string, string>;
}

/** A planned command, complete but for what a test says. */
export function plannedRun(
  run: string,
  { consumes = {}, injects = {}, writes = [], frozen = {}, passedOver = {}, ...over }: RunParts = {},
): PlannedRun {
  const needs = over.needs ?? [...new Set(Object.values(consumes).map((input) => input.run))];
  const entries: [string, Read][] = [
    ...Object.entries(consumes).map(([name, read]): [string, Read] => [name, { rule: "consumed", ...read }]),
    ...Object.entries(injects),
  ];
  const own = writes.filter((name) => entries.every(([known]) => known !== name));
  const all = [
    ...entries,
    ...own.map((name): [string, Read] => [name, { rule: "own" }]),
    ...Object.entries(frozen).map(([name, version]): [string, Read] => [name, { rule: "frozen", version }]),
  ];
  const reads = all.map(([name, read]) => {
    const passed_over = passedOver[name];
    return [name, passed_over === undefined ? read : { ...read, passed_over }] as const;
  });
  return {
    run,
    definition: makeCommand(run, { cwd: "/" }),
    arm: {},
    task: commandTask(),
    reads: Object.fromEntries(reads),
    timeoutMs: null,
    policy: DEFAULT_POLICY,
    onRollback: null,
    resources: NO_RESOURCES,
    index: 0,
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
