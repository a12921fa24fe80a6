import { hasCatalog } from "../../core/kinds.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import { flatten } from "../../explain/diff-run.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import type { Comparison } from "../compare-runs.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { askAgain } from "./probe-again.ts";

/** Values that parameters have in the projects themselves: by run, then by path, as `model.alpha`. */
export type OwnParameters = ReadonlyMap<string, Readonly<Record<string, Json>>>;

/**
 * Asks the projects for the parameters that runs are given now and were not given then. Those that can't be told, as the project has
 * none such or its value is no short one, are left out. Throws EnvironmentError if a project can't be asked.
 */
export async function readOwnParameters(then: Plan, now: Plan, probe: ProbeProject): Promise<OwnParameters> {
  const given = new Map(now.runs.map((run) => [run.run, listGiven(run)]));
  const added = new Map(
    then.runs.map((run) => [run.run, listAdded(listGiven(run), given.get(run.run) ?? {})] as const),
  );
  const asked = new Set(then.runs.flatMap(({ run }) => (added.get(run)?.length ? [run] : [])));
  if (asked.size === 0) return new Map();
  const { facts } = await askAgain(then, asked, probe);
  return new Map(Array.from(facts, ([run, { work }]) => [run, choose(work?.shown ?? {}, added.get(run) ?? [])]));
}

function listGiven({ task }: PlannedRun): JsonObject {
  return hasCatalog(task) ? flatten(task.runtime_params) : {};
}

function listAdded(before: JsonObject, after: JsonObject): string[] {
  return Object.keys(after).filter((path) => !Object.hasOwn(before, path));
}

function choose(values: Readonly<Record<string, Json>>, paths: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    paths.flatMap((path) => (Object.hasOwn(values, path) ? [[path, values[path] as Json]] : [])),
  );
}

/** The same comparison: where `a` was given no value of a parameter, the project's own stands. */
export function fillOwnParameters(comparison: Comparison, own: OwnParameters): Comparison {
  const fill = <D extends Comparison["runs"][number]["differences"][number]>(run: string, difference: D): D => {
    const { part, key, a } = difference;
    const value = part === "params" && a === null ? own.get(run)?.[key] : undefined;
    return value === undefined ? difference : { ...difference, a: value };
  };
  const { runs, first_cause } = comparison;
  return {
    ...comparison,
    runs: runs.map((diff) => ({ ...diff, differences: diff.differences.map((each) => fill(diff.run, each)) })),
    first_cause: first_cause === null ? null : fill(first_cause.run, first_cause),
  };
}
