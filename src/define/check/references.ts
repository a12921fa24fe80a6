import { hasCatalog } from "../../core/kinds.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import { didYouMean, findNearest } from "../../core/text/suggest.ts";
import type { ConsumeDefinition, KeyPath, RunDefinition } from "../definition.ts";
import { listAxes } from "../fields/read-matrix.ts";
import type { ReadRun } from "../fields/read-run.ts";
import { atKey, atValue, type Finding } from "../finding.ts";
import { type Edge, type Edges, findCycles } from "./cycles.ts";

interface Scope {
  /** Every name below `runs`, those of wrong runs too. */
  declared: ReadonlySet<string>;
  runs: ReadonlyMap<string, ReadRun>;
  findings: Finding[];
}

/** Finds references between runs that are wrong. Fields that are wrong by themselves are not judged again. */
export function checkReferences(json: JsonObject, read: readonly ReadRun[], findings: Finding[]): void {
  const declared = new Set(Object.keys(json.runs ?? {}));
  const scope: Scope = { declared, runs: new Map(read.map((run) => [run.definition.name, run])), findings };
  for (const { definition } of read) {
    for (const dataset of [...Object.keys(definition.consumes), ...Object.keys(definition.injects)]) {
      checkConsumedName(definition, dataset, findings);
    }
    for (const [dataset, consumed] of Object.entries(definition.consumes)) {
      checkConsumed(definition, dataset, consumed, scope);
    }
    checkRunOn(definition, findings);
    for (const [index, name] of definition.needs.entries()) {
      checkNeed(name, ["runs", definition.name, "needs", index], scope);
    }
  }
  const areOutputsKnown = read.length === declared.size && !read.some(({ dropped }) => dropped.has("outputs"));
  if (areOutputsKnown) checkPublish(json.publish, scope);
  findings.push(...findCycles(listEdges(read)));
}

/**
 * Refuses a run that may run after a failure, and consumes from the run that may fail: a failed run's data are never
 * consumed.
 */
function checkRunOn({ name, consumes, policy }: RunDefinition, findings: Finding[]): void {
  const [dataset] = Object.keys(consumes);
  if (policy.runOn === "success" || dataset === undefined) return;
  const message = `"${name}" also runs when other runs have failed, so it can't consume "${dataset}"`;
  const hint = "write the run under `needs` instead, or leave `run_on` out";
  findings.push(atKey(["runs", name, "consumes", dataset], "consumes-after-failure", message, hint));
}

function checkConsumedName({ kind, name }: RunDefinition, dataset: string, findings: Finding[]): void {
  if (kind !== "kedro" || !/^(?:parameters$|params:)/.test(dataset)) return;
  const message = `"${dataset}" is a parameter, not a dataset`;
  const path = ["runs", name, "consumes", dataset];
  findings.push(atKey(path, "invalid-name", message, "give it a value under `params`"));
}

function checkConsumed(run: RunDefinition, dataset: string, consumed: ConsumeDefinition, scope: Scope): void {
  const path = ["runs", run.name, "consumes", dataset];
  if (consumed.run === run.name) {
    const message = `"${run.name}" consumes its own "${consumed.dataset}"`;
    scope.findings.push(atValue([...path, "run"], "self-consumption", message, "name the run that saves it"));
    return;
  }
  if (!scope.declared.has(consumed.run)) {
    scope.findings.push(describeUnknownRun(consumed.run, [...path, "run"], scope));
    return;
  }
  const upstream = scope.runs.get(consumed.run);
  if (upstream === undefined) return;
  const { definition, dropped } = upstream;
  if (!dropped.has("outputs")) checkOutput(definition, consumed, { path, dataset, findings: scope.findings });
  if (!dropped.has("matrix")) checkWhere(definition, consumed, path, scope.findings);
}

function describeUnknownRun(name: string, path: KeyPath, { declared }: Scope): Finding {
  const hint = (): string | null => {
    const arm = name.indexOf("[");
    if (arm > 0 && declared.has(name.slice(0, arm)))
      return `name "${name.slice(0, arm)}"; \`where\` chooses its variants`;
    return didYouMean(name, declared);
  };
  return atValue(path, "unknown-run", `there is no run "${name}"`, hint);
}

interface Consumed {
  path: KeyPath;
  /** The consumer's name for it. */
  dataset: string;
  findings: Finding[];
}

/** Kedro's `name@format` is another view of `name`. */
function checkOutput(
  upstream: RunDefinition,
  consumed: ConsumeDefinition,
  { path, dataset, findings }: Consumed,
): void {
  const outputs = listOutputs(upstream);
  if (outputs.some((output) => stripFormat(output) === stripFormat(consumed.dataset))) return;
  const hint = (): string => {
    const meant = didYouMean(consumed.dataset, outputs);
    // Either of the two names may be the misspelt one.
    if (meant !== null) return `${meant} If that is misspelt, correct it in the \`outputs\` of "${upstream.name}"`;
    return outputs.length === 0
      ? `add \`outputs: [${consumed.dataset}]\` to "${upstream.name}"`
      : `the outputs of "${upstream.name}" are ${outputs.join(", ")}`;
  };
  const message = `"${upstream.name}" declares no output "${consumed.dataset}"`;
  const finding =
    consumed.dataset === dataset
      ? atKey(path, "unknown-output", message, hint)
      : atValue([...path, "dataset"], "unknown-output", message, hint);
  findings.push(finding);
}

function stripFormat(dataset: string): string {
  return dataset.split("@", 1)[0] ?? dataset;
}

function listOutputs(run: RunDefinition): string[] {
  return hasCatalog(run) ? run.outputs : Object.keys(run.outputs);
}

/**
 * Checks `where` against the axes alone: the arms, and whether one of them is meant, are known when the matrix is
 * expanded.
 */
function checkWhere(upstream: RunDefinition, { where }: ConsumeDefinition, path: KeyPath, findings: Finding[]): void {
  const { matrix, name } = upstream;
  if (matrix === null) {
    if (where === null) return;
    findings.push(atKey([...path, "where"], "invalid-where", `"${name}" has no matrix`, "remove `where`"));
    return;
  }
  const axes = listAxes(matrix);
  for (const axis of Object.keys(where ?? {})) {
    if (axes.includes(axis)) continue;
    const hint = (): string => didYouMean(axis, axes) ?? `its axes are ${axes.join(", ")}`;
    findings.push(atKey([...path, "where", axis], "unknown-axis", `"${name}" has no axis "${axis}"`, hint));
  }
  const arms = Object.values(matrix.axes).reduce((count, values) => count * values.length, 1);
  if (where !== null || arms === 1 || matrix.include.length + matrix.exclude.length > 0) return;
  const example = axes.map((axis) => `${axis}: ${JSON.stringify(matrix.axes[axis]?.[0] ?? null)}`).join(", ");
  const hint = `choose one: { run: ${name}, where: { ${example} } }`;
  findings.push(atValue([...path, "run"], "missing-where", `"${name}" has ${arms} variants`, hint));
}

function checkNeed(name: string, path: KeyPath, scope: Scope): void {
  if (!scope.declared.has(name)) scope.findings.push(describeUnknownRun(name, path, scope));
}

function checkPublish(publish: Json | undefined, { runs, findings }: Scope): void {
  if (!Array.isArray(publish)) return;
  const definitions = [...runs.values()].map(({ definition }) => definition);
  const outputs = new Set(definitions.flatMap(listOutputs));
  for (const [index, dataset] of publish.entries()) {
    if (typeof dataset !== "string" || outputs.has(dataset)) continue;
    const hint = (): string => hintPublished(dataset, definitions);
    findings.push(atValue(["publish", index], "unknown-output", `no run declares an output "${dataset}"`, hint));
  }
}

/** Hint for a published name that is no output. A Kedro run's output may be the misspelt one: only its project can tell. */
function hintPublished(dataset: string, runs: readonly RunDefinition[]): string {
  const nearest = findNearest(dataset, new Set(runs.flatMap(listOutputs)));
  if (nearest === null) return "add it to the `outputs` of the run that saves it";
  const writer = runs.find((run) => listOutputs(run).includes(nearest));
  if (writer?.kind !== "kedro") return `did you mean "${nearest}"?`;
  return `the \`outputs\` of ${writer.name} have "${nearest}": correct the name that the project does not have`;
}

function listEdges(read: readonly ReadRun[]): Edges {
  const edges = new Map<string, Edge[]>();
  for (const { definition: run } of read) {
    const found: Edge[] = [];
    for (const [dataset, { run: to }] of Object.entries(run.consumes)) {
      if (to !== run.name) found.push({ to, field: ["consumes", dataset, "run"] });
    }
    for (const [index, to] of run.needs.entries()) found.push({ to, field: ["needs", index] });
    if (found.length > 0) edges.set(run.name, found);
  }
  return edges;
}
