import type { Checked } from "../../src/core/error/problem.ts";
import type { Place } from "../../src/core/place.ts";
import type { DatasetFacts, SliceFacts } from "../../src/core/project-facts.ts";
import type { GivenData, GivenRead } from "../../src/core/read.ts";
import type { JsonObject } from "../../src/core/run.ts";
import type { WorkflowDefinition } from "../../src/define/definition.ts";
import { expandRuns } from "../../src/plan/expand/expand.ts";
import type { Injection, Plan } from "../../src/plan/plan.ts";
import { planRuns } from "../../src/plan/plan-workflow.ts";
import { versionOf } from "../rig/plans.ts";

/** A CSV in the project's catalog. */
export function makeDataset(name: string, changes: Partial<DatasetFacts> = {}): DatasetFacts {
  const facts: Omit<DatasetFacts, "places"> = {
    type: "pandas.CSVDataset",
    in_catalog: true,
    location: `/w/project/data/${name}.csv`,
    versioned: false,
    latest_version: null,
    by_params: false,
    is_missing: false,
    ...changes,
  };
  return { places: placesOf(name, facts), ...facts };
}

function placesOf(name: string, { type, in_catalog, location }: Omit<DatasetFacts, "places">): Place[] {
  if (location !== null) return [{ path: location.replace(/\/+$/, ""), suffix: null }];
  return in_catalog && type !== "MemoryDataset" ? [{ path: `entry ${name}`, suffix: null }] : [];
}

export const IN_MEMORY: Partial<DatasetFacts> = { type: "MemoryDataset", in_catalog: false, location: null };

interface SliceChanges extends Partial<Omit<SliceFacts, "datasets">> {
  /** What differs from a plain CSV. */
  datasets?: Record<string, Partial<DatasetFacts>>;
}

export function makeSlice({ datasets = {}, ...changes }: SliceChanges): SliceFacts {
  const { inputs = [], outputs = [] } = changes;
  const entries = [...inputs, ...outputs].map((name) => [name, makeDataset(name, datasets[name])] as const);
  return { problems: [], nodes: [], inputs, outputs, datasets: Object.fromEntries(entries), ...changes };
}

/** Expands and plans; facts are by run name, and every arm of a run has those of the run. */
/** `saved` is the class, or the entry, by which every earlier run has saved, and `more` is known of its versions. */
export function planWith(
  workflow: WorkflowDefinition,
  facts: Record<string, SliceFacts> = {},
  saved: string | JsonObject = "pandas.CSVDataset",
  more: Partial<GivenData> = {},
): Checked<Plan> {
  const expanded = expandRuns(workflow, {});
  if (!expanded.ok) return expanded;
  const frozen = new Map(expanded.value.map(({ run, injects }) => [run, freezeAll(injects, saved, more)]));
  const known = expanded.value.flatMap(({ run, definition }) => {
    const slice = facts[run] ?? facts[definition.name];
    return slice === undefined ? [] : [[run, slice] as const];
  });
  return planRuns(workflow, expanded.value, new Map(known), frozen);
}

/** As if a look had been taken: every file is there, every earlier run saved by this class, or by this entry. */
function freezeAll(
  injects: Readonly<Record<string, Injection>>,
  saved: string | JsonObject,
  more: Partial<GivenData>,
): Record<string, GivenRead> {
  const entries = Object.entries(injects).map(([dataset, injection]) => {
    const frozen = freezeOne(injection, saved);
    return [dataset, frozen.rule === "value" ? frozen : { ...frozen, ...more }] as const;
  });
  return Object.fromEntries(entries);
}

function freezeOne(injection: Injection, saved: string | JsonObject): GivenRead {
  const { shown } = injection;
  switch (injection.kind) {
    case "value":
      return {
        rule: "value",
        version: "value-1",
        value: injection.value,
        source: `the value ${shown}`,
        reason: "given",
      };
    case "file": {
      const version = versionOf("file-1", { location: injection.path });
      const part = { source: `the file ${shown}`, reason: "given", frozen: { modifiedMs: 1 } };
      return { rule: "file", from_run: null, from_dataset: injection.path, as: "downstream", version, ...part };
    }
    case "alias":
    case "run_id": {
      const entry = { config: typeof saved === "string" ? { type: saved } : saved, versioned: false };
      const { as } = injection;
      const dataset = injection.dataset ?? "model";
      const run_id = injection.kind === "alias" ? "2026-old" : injection.run_id;
      const part = { source: `${dataset} of old (churn)`, reason: "given", frozen: { modifiedMs: 1 } };
      return {
        rule: "run_id",
        from_run: "old",
        from_dataset: dataset,
        as,
        version: versionOf(run_id, { entry }),
        ...part,
      };
    }
  }
}

export function expectPlan(checked: Checked<Plan>): Plan {
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join("\n"));
  return checked.value;
}
