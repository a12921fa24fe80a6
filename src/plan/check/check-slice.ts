import { type Location, problemAt, warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { FactProblem, SliceFacts } from "../../core/project-facts.ts";
import type { Reads } from "../../core/read.ts";
import { findRead, listSupplied } from "../../core/select-reads.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { KeyPath } from "../../define/definition.ts";
import { formatSource, isFollowed } from "../consume-source.ts";
import { formatNames } from "../format-names.ts";
import { locateKey } from "../locate-key.ts";
import { findFacts, isWrittenByItself } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { findSiblings, isDeclared } from "../transcoding.ts";
import type { CheckContext } from "./check-context.ts";
import { checkParameters, VAIN_PARAMETER_CODES } from "./check-parameters.ts";

const KEYS_OF_RUNNER_CODE: Readonly<Record<string, readonly string[]>> = {
  runner: ["runner"],
  "unpicklable-node": ["runner"],
  "single-process-dataset": ["runner"],
  "unshared-dataset": ["runner"],
  "async-generator": ["async"],
  "async-ignored": ["async"],
};
/** Keys of a run that a problem of the project can be about; the first one in the file is the problem's place. */
const KEYS_OF_CODE: Readonly<Record<string, readonly string[]>> = {
  "unknown-node": ["nodes", "from_nodes", "to_nodes"],
  "unknown-tag": ["tags"],
  "unknown-namespace": ["namespaces"],
  "unknown-dataset": ["from_inputs", "to_outputs"],
  "empty-slice": [
    "tags",
    "nodes",
    "from_nodes",
    "to_nodes",
    "from_inputs",
    "to_outputs",
    "namespaces",
    "pipeline",
    "pipelines",
  ],
  catalog: ["env", "conf_source", "pipeline", "pipelines", "project"],
  "missing-parameter": ["params", "pipeline", "pipelines"],
  "number-as-text": ["params"],
  "place-in-memory": ["outputs"],
  ...KEYS_OF_RUNNER_CODE,
};
/** Codes of problems that leave a slice fully known. */
const SOUND_CODES: ReadonlySet<string> = new Set([
  ...Object.keys(KEYS_OF_RUNNER_CODE),
  "isolation-conflict",
  "content-unknown",
  "place-in-memory",
  "missing-parameter",
  "dataset-arguments",
  ...VAIN_PARAMETER_CODES,
]);
/** Codes of problems in spite of which a project can run. */
const WARNING_CODES: ReadonlySet<string> = new Set(["number-as-text", "async-ignored", "hooks-unknown"]);
/** Keys that select the slice of a run. */
export const PIPELINE_KEYS = ["pipeline", "pipelines"];

/** Checks one run against its slice. What the project can't make sense of is reported alone. */
export function checkSlice(context: CheckContext, run: PlannedRun): void {
  const slice = context.facts.get(run.run);
  if (!hasCatalog(run.definition) || slice === undefined) return;
  checkParameters(context, run, slice.problems);
  for (const problem of slice.problems) {
    if (!VAIN_PARAMETER_CODES.includes(problem.code)) passOn(context, run, problem);
  }
  if (!isSound(slice)) return;
  const { consumes, injects } = run.definition;
  for (const dataset of Object.keys({ ...consumes, ...injects })) checkConsumed(context, run, { dataset, slice });
  checkOutputs(context, run, slice);
  for (const dataset of slice.inputs) checkInput(context, run, { dataset, slice });
}

/** True if a slice can be checked further: its reads and writes are known, even if it can't be run so. */
export function isSound({ problems }: SliceFacts): boolean {
  return problems.every(({ code }) => WARNING_CODES.has(code) || SOUND_CODES.has(code));
}

interface InSlice {
  dataset: string;
  slice: SliceFacts;
}

function passOn({ definition, findings }: CheckContext, run: PlannedRun, { code, message, hint }: FactProblem): void {
  const { name } = run.definition;
  const subject = [code, name, message];
  const keys = KEYS_OF_CODE[code] ?? PIPELINE_KEYS;
  const locate = (): Location | null => locateKey(definition, name, [...findItems(run, keys, message), ...keys]);
  const text = `${run.run}: ${message}`;
  if (WARNING_CODES.has(code)) findings.warn(subject, () => warningAt(locate(), code, text, hint));
  else findings.add(subject, () => problemAt(locate(), code, text, hint));
}

/** Finds the items of a run's lists that a problem names. */
function findItems({ task }: PlannedRun, keys: readonly string[], message: string): KeyPath[] {
  if (!hasCatalog(task)) return [];
  const { node_names: nodes, ...filters } = task.filters;
  const lists: Record<string, readonly string[]> = {
    ...filters,
    nodes,
    pipelines: task.pipeline_names,
    outputs: task.outputs,
  };
  return keys.flatMap((key) => {
    const index = (lists[key] ?? []).findIndex((item) => message.includes(`'${item}'`));
    return index < 0 ? [] : [[key, index]];
  });
}

function checkConsumed(context: CheckContext, run: PlannedRun, { dataset, slice }: InSlice): void {
  const { definition, findings } = context;
  const { name } = run.definition;
  const report = (code: string, message: string, hint: string): void => {
    const place = ["runs", name, "consumes", dataset];
    findings.add([code, name, dataset], () => problemAt(definition.locate(place), code, message, hint));
  };
  if (findSiblings(slice.outputs, dataset).length > 0) {
    report(
      "written-by-itself",
      `${run.run} consumes "${dataset}", which it writes itself`,
      "leave the node that writes it out of the run",
    );
  } else if (findSiblings(slice.inputs, dataset).length === 0) {
    const hint = didYouMean(dataset, slice.inputs) ?? `it reads ${formatNames(slice.inputs) || "nothing"}`;
    report("not-read", `${run.run} consumes "${dataset}", which no node of it reads`, hint);
  }
  const supplied = listSupplied(run).map(([name]) => name);
  const rival = findSiblings(supplied, dataset).find((name) => !hasSameSource(run.reads, name, dataset));
  // The first of two rivals gets the problem.
  if (rival !== undefined && supplied.indexOf(rival) > supplied.indexOf(dataset)) {
    report(
      "sibling-conflict",
      `${run.run} consumes "${dataset}" and "${rival}" from different places, but they are one file`,
      "consume only one of them",
    );
  }
}

function hasSameSource(reads: Reads, one: string, other: string): boolean {
  const sources = [one, other].flatMap((name) => {
    const read = findRead(reads, name);
    if (read?.rule === "consumed") return JSON.stringify([read.run, read.dataset]);
    return read !== undefined && "source" in read ? read.source : [];
  });
  return new Set(sources).size < 2;
}

function checkOutputs({ definition, findings }: CheckContext, run: PlannedRun, slice: SliceFacts): void {
  const { name, outputs } = run.definition;
  if (!Array.isArray(outputs)) return;
  for (const [index, output] of outputs.entries()) {
    if (slice.outputs.some((written) => isDeclared([output], written))) continue;
    findings.add(["not-written", name, output], () => {
      const hint = didYouMean(output, slice.outputs) ?? `it writes ${formatNames(slice.outputs) || "nothing"}`;
      const message = `${run.run} declares the output "${output}", which no node of it writes`;
      return problemAt(definition.locate(["runs", name, "outputs", index]), "not-written", message, hint);
    });
  }
}

function checkInput(context: CheckContext, run: PlannedRun, { dataset, slice }: InSlice): void {
  const facts = findFacts(slice, dataset);
  const { task } = run;
  if (facts === undefined || !hasCatalog(task) || findRead(run.reads, dataset) !== undefined) return;
  if (isWrittenByItself(task, slice, dataset)) return;
  const { definition, findings } = context;
  const { name } = run.definition;
  const locate = (): Location | null => locateKey(definition, name, PIPELINE_KEYS);
  if (facts.versioned && facts.latest_version === null) {
    const message = `${run.run} reads "${dataset}", and there is no version of it`;
    const missing = "make one first, or list it under `floating`";
    findings.add(["no-version", name, dataset], () =>
      problemAt(locate(), "no-version", message, hintConsume(context, run, dataset) ?? missing),
    );
  } else if (!facts.in_catalog) {
    const message = `${run.run} reads "${dataset}", which is in no catalog and is not consumed`;
    findings.warn(["no-source", name, dataset], () =>
      warningAt(
        locate(),
        "no-source",
        message,
        hintConsume(context, run, dataset) ??
          `add it to the catalog, or give it: \`consumes: { ${dataset}: ... }\` with a run, a \`file\` or a \`value\`; or a hook provides it`,
      ),
    );
  }
}

/** Hint on how to consume the output of another run of the session; null if no run saves it. */
export function hintConsume(context: CheckContext, reader: PlannedRun, dataset: string): string | null {
  const maker = findSource(context, reader, dataset);
  if (maker === null) return null;
  const { name, matrix, outputs } = maker.definition;
  const declared = Array.isArray(outputs) ? outputs : Object.keys(outputs);
  const source = formatSource({ run: name, arm: maker.arm }, reader.arm);
  const other = matrix === null || isFollowed(maker.arm, reader.arm) ? "" : `, or another variant of "${name}"`;
  const consume = `consumes: { ${dataset}: ${source} }${other}`;
  return isDeclared(declared, dataset) ? consume : `${consume}, and declare it among the outputs of "${name}"`;
}

/** Finds the run to consume from: in a matrix with the reader's axes, the arm with the reader's own values. */
function findSource({ runs, findMaker }: CheckContext, reader: PlannedRun, dataset: string): PlannedRun | null {
  const maker = findMaker(reader, dataset);
  if (maker === null || maker.definition.matrix === null) return maker;
  const { name } = maker.definition;
  return runs.find(({ definition, arm }) => definition.name === name && isFollowed(arm, reader.arm)) ?? maker;
}
