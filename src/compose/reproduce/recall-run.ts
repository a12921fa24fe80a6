import * as z from "zod";
import { hasCatalog } from "../../core/kinds.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { Read } from "../../core/read.ts";
import { NO_RESOURCES } from "../../core/resources.ts";
import type { Pin, RunRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { DEFAULT_POLICY } from "../../core/run-policy.ts";
import type { KedroDefinition } from "../../define/definition.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { readSpec } from "../failures/read-spec.ts";
import type { StateLocation } from "../locate-state.ts";

/** The record of an attempt. */
export type StartedRun = RunRecord & { run_id: RunId };

const texts = z.array(z.string());
const toldRead = z.union([
  z.object({ value: z.json() }),
  z.object({
    dataset: z.string(),
    location: z.string(),
    hash: z.string().nullable(),
    as: z.enum(["upstream", "downstream"]),
  }),
]);
const schema = z.looseObject({
  project_path: z.string(),
  env: z.string().nullable(),
  conf_source: z.string().nullable(),
  pipeline_names: texts,
  filters: z.record(z.string(), texts),
  runtime_params: z.record(z.string(), z.json()),
  runner: z.string(),
  is_async: z.boolean(),
  isolate: z.enum(["all", "declared", "none"]),
  remote_stores: z.record(z.string(), z.string()),
  floating: texts,
  outputs: texts,
  reads: z.record(z.string(), z.unknown()).default({}),
  // An older runweave told here what comes from elsewhere, and all versions by themselves.
  inputs: z.record(z.string(), z.unknown()).default({}),
});
type Spec = z.infer<typeof schema>;

/** A run of a script, as its process was told it, since no plan of it was kept; null if that is gone, or not of a project. */
export function recallRun(reader: RegistryReader, record: StartedRun, state: StateLocation): PlannedRun | null {
  const spec = schema.safeParse(readSpec(state, record.run_id));
  if (!spec.success || !hasCatalog(record)) return null;
  const pins = reader.pinsOf([record.run_id]);
  const task = recallTask(spec.data);
  return {
    ...{ run: record.run, task, definition: recallDefinition(record.run, task), arm: {}, needs: [] },
    reads: Object.fromEntries(pins.flatMap((pin) => recallRead(pin, spec.data))),
    ...{
      timeoutMs: null,
      policy: DEFAULT_POLICY,
      onRollback: null,
      resources: NO_RESOURCES,
      index: 0,
      work: null,
    },
  };
}

function recallTask(spec: Spec): KedroTask {
  const { project_path, env, conf_source, pipeline_names, runtime_params, runner, is_async } = spec;
  const { isolate, remote_stores, floating, outputs } = spec;
  const filters = spec.filters as unknown as KedroTask["filters"];
  const how = { filters, runtime_params, runner, is_async, isolate, remote_stores, floating, outputs };
  return { kind: "kedro", project_path, python: null, env, conf_source, pipeline_names, ...how };
}

function recallDefinition(name: string, task: KedroTask): KedroDefinition {
  const { project_path: project, runtime_params: params, isolate: _, remote_stores: __, floating: ___, ...same } = task;
  const common = { needs: [], consumes: {}, injects: {}, matrix: null, timeoutMs: null, onRollback: null };
  const how = { cache: "off" as const, policy: DEFAULT_POLICY, resources: NO_RESOURCES };
  return { ...same, ...common, ...how, name, project, params };
}

/** Recalls a read by its pin and by what the process was told. A version by any name is one that a run saved. */
function recallRead(
  { dataset: name, rule, version, from_run, reason }: Pin,
  { reads, inputs }: Spec,
): [string, Read][] {
  if (rule === "frozen") return [[name, { rule, version }]];
  if (rule === "own") return [[name, { rule }]];
  const told = toldRead.safeParse({ ...inputs, ...reads }[name]);
  if (!told.success) return [];
  if ("value" in told.data)
    return rule === "value" ? [[name, { rule, version, value: told.data.value, source: reason, reason }]] : [];
  const { dataset, location, hash, as } = told.data;
  if (["consumed", "run_id", "alias"].includes(rule))
    return [[name, { rule: "consumed", run: from_run ?? "", dataset, as }]];
  if (rule !== "file") return [];
  const saved = { version, location, bytes: null, hash, entry: null, plain_location: null };
  const how = { from_run: null, from_dataset: location, as: "downstream" as const, frozen: { modifiedMs: null } };
  return [[name, { rule, ...how, version: saved, source: reason, reason }]];
}

/** Makes a plan for a run of a script, which has none. */
export function recallPlan(
  { session_id, workflow }: StartedRun,
  { planned, store }: { planned: PlannedRun; store: string },
) {
  const plan = { workflow, file: null, project_path: null, maxParallel: 1, onFailure: "continue" as const };
  const whole = { ...plan, capacity: null, publish: [], runs: [planned] };
  return { session_id, store, max_parallel: 1, variables: {}, plan: whole };
}
