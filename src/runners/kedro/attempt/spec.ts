import type { KedroTask, ResolvedRun } from "../../../core/port/runner.ts";
import type { ConsumedVersion, GivenData, PlainFile } from "../../../core/read.ts";
import { listVersions } from "../../../core/read-version.ts";
import type { JsonObject } from "../../../core/run.ts";
import { listFiles, listInputs, listValues } from "../../../core/select-reads.ts";
import { listVariables } from "../../../core/variables.ts";

/** The `spec.json` of a Kedro run: everything that its process has to know. */
export function describeSpec(run: ResolvedRun & { task: KedroTask }, store: string): JsonObject {
  const { session_id, run_id, attempt, run_index, total_runs, task } = run;
  const { kind: _, python: __, ...what } = task;
  const inputs = listInputs(run).map(([dataset, input]) => [dataset, describeInput(input)]);
  // Kedro would ignore a version of what has none.
  const versions = Object.entries(listVersions(run)).filter(([dataset]) => run.reads[dataset]?.rule !== "plain");
  const seen = listFiles(run).filter(([, { tree }]) => tree === undefined || tree.ignored.length === 0);
  const values = listValues(run).map(([dataset, { version, value }]) => [dataset, { version, value }]);
  return {
    protocol: 1,
    ...{ run_id, session_id, run: run.run, attempt, run_index, total_runs },
    ...what,
    filters: { ...task.filters },
    store,
    variables: listVariables(task.runtime_params),
    load_versions: Object.fromEntries(versions),
    resumes: run.resumes === null ? null : { ...run.resumes },
    inputs: Object.fromEntries([...inputs, ...values]),
    seen: Object.fromEntries(seen.map(([dataset, file]) => [dataset, describeSeen(file)])),
  };
}

function describeSeen({ path, bytes, modifiedMs, hash, tree }: PlainFile): JsonObject {
  return { location: path, bytes, modified_ms: modifiedMs, hash, ...(tree === undefined ? {} : { mark: tree.mark }) };
}

function describeInput({ version, from_dataset, as }: ConsumedVersion | GivenData): JsonObject {
  const { location, entry, hash, beside, plain_location } = version;
  const what = { run_id: version.version, dataset: from_dataset, location, plain_location, hash };
  const more = beside === undefined ? {} : { beside: [...beside] };
  return { ...what, ...more, entry: entry === null ? null : { ...entry }, as };
}
