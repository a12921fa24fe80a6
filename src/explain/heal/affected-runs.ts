import type { RegistryReader, RunHead } from "../../core/port/registry.ts";
import type { RunLine } from "../../core/port/registry-lists.ts";
import { isDone } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { baseKey } from "../equal-versions.ts";
import { type BadVersion, listSavers, type Taint, type TouchedRun, traceTaints } from "../taint.ts";

/** A succeeded attempt with bad results that are not replaced yet. */
export interface AffectedRun extends Pick<RunHead, "run_id" | "session_id" | "workflow" | "run"> {
  taint: Taint;
  /** Datasets that it saved, and that are bad and not replaced. */
  bad: string[];
  /**
   * Datasets of `bad` that are tainted themselves, or equal to a tainted version: the attempt is not bad for its inputs
   * alone.
   */
  tainted: string[];
  /** Bad inputs of the attempt, by the attempts that are to be healed for it. */
  read: TouchedRun["read"];
}

/** All that is left to heal, by run_id, in the order in which taints reach it. */
export function listAffectedRuns(registry: RegistryReader): Map<RunId, AffectedRun> {
  return registry.together(() => {
    const { versions, runs } = traceTaints(registry);
    const open = Map.groupBy(
      versions.filter(({ replaced_by, superseded_by }) => replaced_by === null && superseded_by === null),
      ({ run_id }) => run_id,
    );
    const byKey = new Map(versions.map((version) => [baseKey(version), version]));
    // An attempt that was replaced waits for the healing of the replacement.
    const follow = (read: TouchedRun["read"][number]) => {
      const bad = byKey.get(baseKey({ dataset: read.from_dataset, run_id: read.run_id }));
      return { ...read, run_id: bad?.superseded_by ?? read.run_id };
    };
    const touched = new Map(runs.map((run) => [run.run_id, run]));
    const heads = new Map(registry.findHeads([...touched.keys()]).map((head) => [head.run_id, head]));
    const isRedone = followReplays(registry, { touched, versions });
    const savers = new Set(
      listSavers(
        registry,
        runs.filter(({ run_id }) => !open.has(run_id)),
      ),
    );
    const found = runs.flatMap(({ run_id, taint, read }): [RunId, AffectedRun][] => {
      const head = heads.get(run_id);
      const bad = open.get(run_id) ?? [];
      if (head === undefined || !isDone(head.status)) return [];
      if (bad.length === 0 && (savers.has(run_id) || isRedone(head))) return [];
      const { session_id, workflow, run } = head;
      const tainted = bad.filter(({ kind }) => kind !== "derived");
      const names = (of: readonly BadVersion[]) => of.map(({ dataset }) => dataset);
      const about = { run_id, session_id, workflow, run, taint, read: read.map(follow) };
      return [[run_id, { ...about, bad: names(bad), tainted: names(tainted) }]];
    });
    return new Map(found);
  });
}

/** True if a run without outputs was executed again, in a replay of its session, on good data. */
function followReplays(
  registry: RegistryReader,
  { touched, versions }: { touched: ReadonlyMap<RunId, TouchedRun>; versions: readonly BadVersion[] },
): (head: RunHead) => boolean {
  const since = versions.map(({ taint }) => taint.time).sort()[0];
  let again: Map<string, RunLine[]> | null = null;
  return ({ session_id, run, run_id }) => {
    again ??= listReplayed(registry, since);
    return (again.get(nameRun(session_id, run)) ?? []).some((line) => {
      if (!isDone(line.status) || line.run_id === null) return false;
      return line.run_id !== run_id && !touched.has(line.run_id);
    });
  };
}

/** The runs of all replays since a time, by the session and the name of the run that each of them repeats. */
function listReplayed(registry: RegistryReader, since: string | undefined): Map<string, RunLine[]> {
  const sessions = registry.listSessions(since === undefined ? {} : { since });
  const origins = new Map(
    sessions.flatMap(({ session_id, replay_of }) => (replay_of === null ? [] : [[session_id, replay_of.session_id]])),
  );
  const lines = origins.size === 0 ? [] : registry.runsOf([...origins.keys()]);
  return Map.groupBy(lines, ({ session_id, run }) => nameRun(origins.get(session_id) ?? session_id, run));
}

function nameRun(sessionId: SessionId, run: string): string {
  return `${sessionId} ${run}`;
}

/**
 * Scope of healing: these versions and all that was made of them, or the bad ones of these sessions; everything without
 * either.
 */
export interface HealScope {
  versions: readonly Pick<BadVersion, "dataset" | "run_id">[];
  sessions: readonly SessionId[];
}

/** Chooses the attempts within the scope, and all that have to be healed before them, as they read from them. */
export function chooseAffectedRuns(
  affectedRuns: ReadonlyMap<RunId, AffectedRun>,
  { registry, scope }: { registry: RegistryReader; scope: HealScope },
): Map<RunId, AffectedRun> {
  const isAll = scope.versions.length === 0 && scope.sessions.length === 0;
  const named = traceVersions(registry, scope.versions);
  const sessions = new Set<string>(scope.sessions);
  // Results that a session took over from another one are bad in it too.
  const standing = new Set(registry.runsOf(scope.sessions).map(({ run_id }) => run_id));
  const wanted = [...affectedRuns.values()].filter(
    ({ run_id, session_id }) => isAll || named.has(run_id) || sessions.has(session_id) || standing.has(run_id),
  );
  const chosen = new Set(wanted.map(({ run_id }) => run_id));
  // The set grows while it is walked.
  for (const run_id of chosen)
    for (const read of affectedRuns.get(run_id)?.read ?? []) if (affectedRuns.has(read.run_id)) chosen.add(read.run_id);
  return new Map([...affectedRuns].filter(([run_id]) => chosen.has(run_id)));
}

/** Traces as if these versions alone were tainted. */
function traceVersions(registry: RegistryReader, versions: HealScope["versions"]): ReadonlySet<RunId> {
  const keys = new Set(versions.map(baseKey));
  if (keys.size === 0) return new Set();
  const bad = traceTaints(registry).versions.filter((version) => keys.has(baseKey(version)));
  const sources = bad.flatMap(({ taint, dataset, run_id, superseded_by }) =>
    [run_id, superseded_by].flatMap((id) => (id === null ? [] : [{ ...taint, dataset, run_id: id, only_this: true }])),
  );
  return new Set(traceTaints(registry, sources).runs.map(({ run_id }) => run_id));
}

/**
 * Orders the sessions of affected runs, each after those whose versions its runs read. Where two sessions reuse results of each
 * other, the older one comes first, and executes for itself the runs that it had reused.
 */
export function orderSessions(affectedRuns: Iterable<AffectedRun>): SessionId[] {
  const all = new Map(Array.from(affectedRuns, (affectedRun) => [affectedRun.run_id, affectedRun]));
  const waits = new Map<SessionId, Set<SessionId>>();
  for (const { session_id, read } of all.values()) {
    const before = waits.get(session_id) ?? new Set();
    waits.set(session_id, before);
    for (const { run_id } of read) {
      const writer = all.get(run_id)?.session_id;
      if (writer !== undefined && writer !== session_id) before.add(writer);
    }
  }
  const left = new Set([...waits.keys()].sort());
  const ordered: SessionId[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((id) => [...(waits.get(id) ?? [])].every((before) => !left.has(before)));
    const [oldest] = left;
    for (const id of ready.length > 0 || oldest === undefined ? ready : [oldest]) {
      left.delete(id);
      ordered.push(id);
    }
  }
  return ordered;
}
