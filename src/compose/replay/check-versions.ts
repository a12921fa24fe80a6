import { problemAt, type RunsProblem } from "../../core/error/problem.ts";
import type { RunRecord, VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listConsumed, listFiles, listGiven } from "../../core/select-reads.ts";
import { formatDiscard, type RestoredRun } from "../../core/trash.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { findChange, formatChange } from "../../versions/find-change.ts";
import { findChangedFiles } from "../../versions/plain-files.ts";

const AT_ONCE = 64;

/** A version that a run of the replay is to read. */
interface WantedVersion {
  dataset: string;
  /** Text for people: `prep (2026-...)`, `the file data/raw.csv`. */
  writer: string;
  version: VersionRecord;
  hint: string;
  /** Set for a version in the trash or deleted: the end of a sentence that tells it, and the run to restore, if that is possible. */
  discarded?: { told: string; restorable: RestoredRun | undefined };
  /** Runs that are to read it. */
  readers: string[];
}

export interface VersionsThen {
  /** Runs that may be executed. */
  touched: ReadonlySet<string>;
  /** Attempts that stand for the other runs, by run. */
  records: ReadonlyMap<string, RunRecord>;
  /** Advice in the problems; default: advice for a replay. */
  hint?: string;
}

/**
 * Checks that the inputs of runs that may be executed, from linked runs and from outside, have not changed. Problems:
 * `version-changed`, `version-collected`, `input-unreadable`.
 */
export async function checkVersions(
  runs: readonly PlannedRun[],
  { touched, records, hint }: VersionsThen,
): Promise<RunsProblem[]> {
  const readers = runs.filter(({ run }) => touched.has(run));
  const all = gatherReaders(readers.flatMap((run) => [...listLinked(run, { touched, records }), ...listInjected(run)]));
  const problems: RunsProblem[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    problems.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map((each) => findFault(each, hint)))).flat());
  for (const planned of readers)
    for (const message of await findChangedFiles(Object.fromEntries(listFiles(planned)))) {
      const { run } = planned;
      const problem = problemAt(
        null,
        "version-changed",
        `${run} reads a file that has changed: ${message}`,
        hint ?? FILE_HINT,
      );
      problems.push({ runs: [run], problem });
    }
  return problems;
}

const FILE_HINT = "a replay reads what the session read: restore that, or run the workflow file";

/** Joins the readers of each version. */
function gatherReaders(wanted: readonly WantedVersion[]): WantedVersion[] {
  const byPlace = Map.groupBy(wanted, ({ version }) => version.location);
  return [...byPlace.values()].flatMap((alike) => {
    const last = alike.at(-1);
    return last === undefined ? [] : [{ ...last, readers: [...new Set(alike.flatMap(({ readers }) => readers))] }];
  });
}

function listLinked(
  reader: PlannedRun,
  { touched, records }: Pick<VersionsThen, "touched" | "records">,
): WantedVersion[] {
  return listConsumed(reader).flatMap(([, { run, dataset }]): WantedVersion[] => {
    const record = touched.has(run) ? undefined : records.get(run);
    const version = record === undefined ? null : findVersion(record.outputs, dataset);
    if (version === null) return [];
    const hint = `it was changed or removed; \`--fresh ${run}\` makes it again`;
    const { run_id = null, discarded = null } = record ?? {};
    const gone = discarded === null || run_id === null ? {} : { discarded: describeDiscard(run, run_id, discarded) };
    return [{ dataset, writer: `${run} (${run_id})`, version, hint, readers: [reader.run], ...gone }];
  });
}

function describeDiscard(
  run: string,
  run_id: RunId,
  discarded: NonNullable<RunRecord["discarded"]>,
): NonNullable<WantedVersion["discarded"]> {
  const { entry, state } = discarded;
  const restorable = state === "trashed" ? { run, run_id, entry } : undefined;
  return { told: formatDiscard({ run_id, ...discarded }), restorable };
}

function listInjected(planned: PlannedRun): WantedVersion[] {
  return listGiven(planned).flatMap(([dataset, input]): WantedVersion[] => {
    if (input.rule === "value") return [];
    const hint = input.rule === "file" ? FILE_HINT : "it was changed or removed: `--pin` takes another version";
    return [{ dataset, writer: input.source, version: input.version, hint, readers: [planned.run] }];
  });
}

async function findFault(
  { dataset, writer, version, readers: runs, ...own }: WantedVersion,
  hint = own.hint,
): Promise<RunsProblem[]> {
  const { location, bytes, hash } = version;
  const refuse = (code: string, message: string, what: string | null) => [
    { runs, problem: problemAt(null, code, message, what) },
  ];
  try {
    const change = await findChange({ ...version, modifiedMs: null });
    if (change === null) return [];
    if (own.discarded !== undefined && change.now === null) {
      const { told, restorable } = own.discarded;
      const refused = refuse("version-collected", `${dataset} of ${writer} ${told}`, hint);
      return refused.map((each) => (restorable === undefined ? each : { ...each, restorable }));
    }
    const message = `${dataset} of ${writer} was ${hash} (${bytes} bytes), and ${location} ${formatChange(change)}`;
    return refuse("version-changed", message, hint);
  } catch (error) {
    const message = `${dataset} of ${writer} can't be read: ${(error as Error).message}`;
    return refuse("input-unreadable", message, "check its permissions");
  }
}
