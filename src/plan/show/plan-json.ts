import type { ConsumedRead, GivenRead } from "../../core/read.ts";
import { versionOf } from "../../core/read-version.ts";
import type { Json, RunKind } from "../../core/run.ts";
import { listSupplied } from "../../core/select-reads.ts";
import { findLimit } from "../find-limit.ts";
import { listTurns } from "../places/list-turns.ts";
import type { Plan, PlannedRun } from "../plan.ts";
import { type PolicyJson, type ResourcesJson, toPolicyJson, toResourcesJson } from "./describe-policy.ts";

/** Output of `plan --json`. */
export interface PlanJson {
  /** Resources that the runs together may take at a time; left out if none takes any. */
  resources?: ResourcesJson;
  /** Runs in an order that can be executed. */
  runs: PlannedRunJson[];
}

export interface PlannedRunJson {
  run: string;
  kind: RunKind;
  /** The path of the module whose function runs; left out of everything else. */
  module?: string;
  needs: string[];
  consumes: Record<string, PlannedSourceJson>;
  /** Null for what an upstream run is still to save. */
  load_versions: Record<string, string | null>;
  /** Policy of the run; left out if it is the default. */
  policy?: PolicyJson;
  /** Places that it uses when no other one of these runs does; left out if there are none. */
  turns?: { path: string; with: string[] }[];
}

/** Source of a dataset: a run of the session, a file, a value, or an earlier run. */
type PlannedSourceJson =
  | { run: string; dataset: string }
  | { file: string }
  | { value: Json }
  | { run_id: string; run: string | null; dataset: string };

export function toPlanJson(plan: Plan): PlanJson {
  const limit = findLimit(plan);
  return { ...(limit === null ? {} : { resources: toResourcesJson(limit) }), runs: describeRuns(plan) };
}

function describeRuns({ runs }: Plan): PlannedRunJson[] {
  const turns = listTurns(runs);
  return runs.map((run) => {
    const own = turns.get(run.run)?.map(({ path, others }) => ({ path, with: others }));
    return { ...describeRun(run), ...(own === undefined ? {} : { turns: own }) };
  });
}

function describeRun(run: PlannedRun): PlannedRunJson {
  const policy = toPolicyJson(run);
  const versions = Object.entries(run.reads).filter(([, { rule }]) => rule !== "own" && rule !== "floating");
  return {
    run: run.run,
    kind: run.task.kind,
    ...(run.task.kind === "module" ? { module: run.task.module.path } : {}),
    needs: [...run.needs],
    consumes: Object.fromEntries(listSupplied(run).map(([dataset, read]) => [dataset, describeSource(read)])),
    load_versions: Object.fromEntries(versions.map(([dataset, read]) => [dataset, versionOf(read)])),
    ...(policy === null ? {} : { policy }),
  };
}

function describeSource(read: ConsumedRead | GivenRead): PlannedSourceJson {
  switch (read.rule) {
    case "consumed":
      return { run: read.run, dataset: read.dataset };
    case "file":
      return { file: read.from_dataset };
    case "value":
      return { value: read.value };
    case "run_id":
    case "alias":
      return { run_id: read.version.version, run: read.from_run, dataset: read.from_dataset };
    default:
      return read satisfies never;
  }
}
