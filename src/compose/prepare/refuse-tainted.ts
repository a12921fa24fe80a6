import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { FrozenRead, GivenData } from "../../core/read.ts";
import { versionOf } from "../../core/read-version.ts";
import type { RunRecord } from "../../core/run.ts";
import { listConsumed, listEarlier, listFrozen } from "../../core/select-reads.ts";
import { findUnloggedVerdict } from "../../explain/logged-statements.ts";
import { findPinWriter } from "../../explain/pin-writer.ts";
import { formatTaint, indexTaints, TAINT_HINT, type TaintIndex } from "../../explain/taint.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import type { RegistrySource } from "../registry-source.ts";

/** Refuses newest versions of the project that are tainted: adopted, or saved by a run. `version-tainted`. */
export function refuseFrozen(
  runs: readonly PlannedRun[],
  source: RegistrySource,
  locate: (run: PlannedRun) => Location | null,
): Problem[] {
  // A plan without inputs from outside asks no registry.
  const registry = runs.some((run) => listFrozen(run).length > 0) ? source.open() : null;
  if (registry === null) return [];
  const [doubt, taints] = [refuseDoubtful(registry), indexTaints(registry)];
  if (doubt.length > 0 || taints.isEmpty) return doubt;
  return runs.flatMap((run) =>
    findBad(run, listFrozen(run), { registry, taints }).map((message) => refuse(message, locate(run))),
  );
}

/** Refuses to go by taints that the log does not have so. */
function refuseDoubtful(registry: RegistryReader): Problem[] {
  const unlogged = findUnloggedVerdict(registry);
  return unlogged === null ? [] : [problemAt(null, "version-unlogged", unlogged, DOUBT_HINT)];
}

const DOUBT_HINT = "`runweave doctor --rebuild FILE` makes the tables anew from the log";

/** Refuses an earlier plan's inputs from outside and versions of the project, if they are tainted. */
export function refuseGiven(runs: readonly PlannedRun[], registry: RegistryReader, taints: TaintIndex): Problem[] {
  const doubt = refuseDoubtful(registry);
  if (doubt.length > 0 || taints.isEmpty) return doubt;
  const messages = runs.flatMap((run) => findBad(run, [...listEarlier(run), ...listFrozen(run)], { registry, taints }));
  return [...new Set(messages)].map((message) => refuse(message, null));
}

/** Finds bad versions among those that the run consumes from ended runs. */
export function findConsumed(
  planned: PlannedRun,
  { records, taints }: { records: ReadonlyMap<string, RunRecord>; taints: TaintIndex },
): Problem[] {
  return listConsumed(planned).flatMap(([, { run: upstream, dataset }]) => {
    const run_id = records.get(upstream)?.run_id ?? null;
    const bad = run_id === null ? null : taints.ofVersion({ dataset, run_id });
    if (bad === null) return [];
    const what = `${planned.run} reads ${dataset} of ${upstream} (${run_id}), which ${formatTaint(bad)}`;
    return [refuse(what, null)];
  });
}

interface Known {
  registry: RegistryReader;
  taints: TaintIndex;
}

/** Describes the tainted ones among versions from before the session. */
function findBad(
  { run }: PlannedRun,
  reads: readonly [dataset: string, read: FrozenRead | GivenData][],
  known: Known,
): string[] {
  return reads.flatMap(([dataset, read]) => {
    const version = versionOf(read) ?? "";
    const isFrozen = read.rule === "frozen";
    const what = describeBad({ dataset: isFrozen ? dataset : read.from_dataset, version }, known);
    const where = isFrozen ? " as the project has it" : "";
    return what === null ? [] : [`${run} reads ${dataset}${where}, version ${version}, which ${what}`];
  });
}

/** Describes the taint of a version, which may be one that an adopted run stands for; null if it is good. */
function describeBad(
  { dataset, version }: { dataset: string; version: string },
  { registry, taints }: Known,
): string | null {
  const writer = findPinWriter(registry, { rule: "frozen", version });
  const bad = taints.ofVersion({ dataset, run_id: writer?.run_id ?? version });
  return bad === null ? null : formatTaint(bad);
}

function refuse(message: string, location: Location | null): Problem {
  return problemAt(location, "version-tainted", message, TAINT_HINT);
}
