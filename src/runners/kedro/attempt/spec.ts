import type { KedroTask, ResolvedRun } from "../../../core/port/runner.ts";
import type { ConsumedVersion, GivenData, PlainFile, ResolvedRead } from "../../../core/read.ts";
import { versionOf } from "../../../core/read-version.ts";
import type { JsonObject } from "../../../core/run.ts";
import { listVariables } from "../../../core/variables.ts";

/** The `spec.json` of a Kedro run: everything that its process has to know. */
export function describeSpec(run: ResolvedRun & { task: KedroTask }, store: string): JsonObject {
  const { session_id, run_id, attempt, run_index, total_runs, task } = run;
  const { kind: _, python: __, ...what } = task;
  const reads = Object.entries(run.reads).filter(([, { rule }]) => rule !== "floating");
  return {
    protocol: 2,
    ...{ run_id, session_id, run: run.run, attempt, run_index, total_runs },
    ...what,
    filters: { ...task.filters },
    store,
    variables: listVariables(task.runtime_params),
    resumes: run.resumes === null ? null : { ...run.resumes },
    reads: Object.fromEntries(reads.map(([dataset, read]) => [dataset, describeRead(read)])),
  };
}

/** A read with its version, and all by which the process finds the data and knows them again. */
function describeRead(read: ResolvedRead): JsonObject {
  const told = { rule: read.rule, version: versionOf(read) };
  if ("from_run" in read) return { ...told, ...describeInput(read) };
  if ("value" in read) return { ...told, value: read.value };
  return "file" in read && read.file !== undefined ? { ...told, ...describeSeen(read.file) } : told;
}

/** A folder in which files count as no data is left out: the process would count them. */
function describeSeen({ path, bytes, modifiedMs, hash, tree }: PlainFile): JsonObject {
  if (tree !== undefined && tree.ignored.length > 0) return {};
  const mark = tree === undefined ? {} : { mark: tree.mark };
  return { seen: { location: path, bytes, modified_ms: modifiedMs, hash, ...mark } };
}

function describeInput({ version, from_dataset, as }: ConsumedVersion | GivenData): JsonObject {
  const { location, entry, hash, beside, plain_location } = version;
  const more = beside === undefined ? {} : { beside: [...beside] };
  const how = { entry: entry === null ? null : { ...entry }, as };
  return { dataset: from_dataset, location, plain_location, hash, ...more, ...how };
}
