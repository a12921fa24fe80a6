import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import type { ConsumedRead } from "../../core/read.ts";
import type { Json } from "../../core/run.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { ConsumeDefinition, KeyPath, RunDefinition, WorkflowDefinition } from "../../define/definition.ts";
import { formatCanonical } from "../canonical-json.ts";
import type { Findings } from "../findings.ts";
import { formatNames } from "../format-names.ts";
import type { ArmGroup } from "./arm-groups.ts";
import { formatArmName } from "./matrix.ts";
import { findNearestArm, type NamedArm } from "./pick-arm.ts";
import { hideEnvironment, type Scope, substituteJson } from "./substitute.ts";

/** A million edges take 0.7 GB in the graph; a run between two matrices does without their product. */
export const MAX_EDGES = 1_000_000;

/** Input for edges, and the list for their problems. */
export interface EdgeContext {
  workflow: WorkflowDefinition;
  findings: Findings;
  groups: ReadonlyMap<string, ArmGroup>;
  /** Position of each run, in declaration order. */
  positions: ReadonlyMap<string, number>;
  /** Number of edges that have been made. */
  edges: number;
}

/** The inputs of one run, each from exactly one run of the session. */
export function expandConsumes(
  context: EdgeContext,
  definition: RunDefinition,
  scope: Scope,
): Record<string, ConsumedRead> {
  const inputs: [string, ConsumedRead][] = [];
  for (const [dataset, consume] of Object.entries(definition.consumes)) {
    const run = pickUpstream(context, { definition, dataset, consume, scope });
    if (run !== null) inputs.push([dataset, { rule: "consumed", run, dataset: consume.dataset, as: consume.as }]);
  }
  return Object.fromEntries(inputs);
}

interface Choice {
  definition: RunDefinition;
  dataset: string;
  consume: ConsumeDefinition;
  scope: Scope;
}

/** The one run that a dataset comes from; null, and reported, unless there is exactly one. */
function pickUpstream(context: EdgeContext, choice: Choice): string | null {
  const { consume, definition, dataset, scope } = choice;
  const path = ["runs", definition.name, "consumes", dataset];
  const group = context.groups.get(consume.run);
  if (group === undefined) return reportUnknownRun(context, consume.run, [...path, "run"]);
  if (group.failed) return null;
  const place = [...path, "where"];
  const where = fillWhere(consume.where ?? {}, scope, place);
  if (where === null) return null;
  const found = group.definition.matrix === null ? group.arms : group.find(where);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only.run;
  context.findings.add(["arm", ...path, formatCanonical(where)], () => {
    const location = context.workflow.locate(place);
    const shown = substituteEach(consume.where ?? {}, hideEnvironment(scope), place);
    return found.length > 1
      ? describeAmbiguity(location, { group, found, dataset })
      : describeAbsence(location, { group, where, dataset, wanted: formatArmName(group.definition.name, shown) });
  });
  return null;
}

/** Fills in `where`; null if a reference has no value, which was reported. */
function fillWhere(where: Record<string, Json>, scope: Scope, path: KeyPath): Record<string, Json> | null {
  let complete = true;
  const onMissing: Scope["onMissing"] = (reference, place) => {
    complete = false;
    scope.onMissing(reference, place);
  };
  const filled = substituteEach(where, { ...scope, onMissing }, path);
  return complete ? filled : null;
}

function substituteEach(values: Record<string, Json>, scope: Scope, path: KeyPath): Record<string, Json> {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.map(([key, value]) => [key, substituteJson(value, scope, [...path, key])]));
}

interface Ambiguity {
  group: ArmGroup;
  found: readonly NamedArm[];
  dataset: string;
}

function describeAmbiguity(location: Location | null, { group, found, dataset }: Ambiguity): Problem {
  const message = `"${dataset}" can come from ${found.length} variants of "${group.definition.name}": ${formatNames(found.map(({ run }) => run))}`;
  return problemAt(location, "ambiguous-variant", message, "say more under `where`, until one variant is left");
}

interface Absence {
  group: ArmGroup;
  where: Record<string, Json>;
  dataset: string;
  /** The name of the arm that was looked for. */
  wanted: string;
}

function describeAbsence(location: Location | null, { group, where, dataset, wanted }: Absence): Problem {
  const nearest = findNearestArm(group.arms, where);
  const hint =
    nearest === null
      ? `the variants are ${formatNames(group.arms.map(({ run }) => run))}`
      : `did you mean ${nearest.run}?`;
  return problemAt(
    location,
    "no-such-variant",
    `"${dataset}" should come from ${wanted}, but there is no such variant`,
    hint,
  );
}

/** Lists all runs that a run waits for, consumed or needed: each once, in declaration order. */
export function listNeeds(
  context: EdgeContext,
  definition: RunDefinition,
  consumes: Record<string, ConsumedRead>,
): string[] {
  const needs = new Set(Object.values(consumes).map(({ run }) => run));
  for (const [index, name] of definition.needs.entries()) {
    const path = ["runs", definition.name, "needs", index];
    const group = context.groups.get(name);
    if (group === undefined) reportUnknownRun(context, name, path);
    else if (context.edges + needs.size + group.arms.length > MAX_EDGES) reportTooManyEdges(context, path);
    else for (const { run } of group.arms) needs.add(run);
  }
  context.edges += needs.size;
  const position = (run: string): number => context.positions.get(run) ?? 0;
  return [...needs].sort((a, b) => position(a) - position(b));
}

function reportUnknownRun({ workflow, findings, groups }: EdgeContext, name: string, path: KeyPath): null {
  findings.add(["unknown-run", ...path], () =>
    problemAt(workflow.locate(path), "unknown-run", `there is no run "${name}"`, didYouMean(name, groups.keys())),
  );
  return null;
}

export function reportTooManyEdges({ workflow, findings }: EdgeContext, path: KeyPath): void {
  const message = `the workflow has more than ${MAX_EDGES} edges between runs`;
  const hint = "put one run between the two matrices: it needs the first, the second needs it";
  findings.add(["too-many-edges"], () => problemAt(workflow.locate(path), "too-many-edges", message, hint));
}
