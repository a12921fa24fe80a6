import type { PublishedVersion, RegistryReader, RunHead, RunPlace } from "../core/port/registry.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { type AliasTarget, listAliases } from "./aliases.ts";
import { baseKey } from "./equal-versions.ts";
import { type BadVersion, type Taint, type TouchedRun, traceTaints } from "./taint.ts";

/** An attempt within a blast radius. */
export interface BlastedRun extends RunHead, Pick<TouchedRun, "read" | "taint"> {
  /** Bad ones among the datasets that it saved. */
  bad: string[];
}

/** A session that has such an attempt: its own, or one that it took from another session. */
export interface BlastedSession {
  session_id: SessionId;
  workflow: string;
  runs: { run: string; run_id: RunId; is_reused: boolean }[];
}

/** A bad version, and the attempt that has saved it anew. */
export type Replacement = Pick<BadVersion, "dataset" | "run_id"> & { replaced_by: RunId };

/** A version with the content of one that is tainted, and so as bad. */
export type EqualVersion = Pick<BadVersion, "dataset" | "run_id"> & { equal_to: RunId };

/** Reach of taints, which should not be relied on. `taint --json` prints it. */
export interface BlastRadius {
  taints: Taint[];
  /** Others with the content of what is tainted. */
  equal: EqualVersion[];
  /** Bad versions that healing has replaced. */
  replaced: Replacement[];
  runs: BlastedRun[];
  sessions: BlastedSession[];
  /** Aliases that stand for a bad version. */
  aliases: AliasTarget[];
  /** Bad versions that were copied to the project's own paths. */
  published: PublishedVersion[];
}

/** The blast radius of taints; of all that there are, unless some are given. */
export function measureBlast(registry: RegistryReader, taints?: readonly Taint[]): BlastRadius {
  return registry.together(() => {
    const reach = traceTaints(registry, taints);
    const bad = Map.groupBy(reach.versions, ({ run_id }) => run_id);
    const badKeys = new Set(reach.versions.map(baseKey));
    const ids = reach.runs.map(({ run_id }) => run_id);
    const heads = new Map(registry.findHeads(ids).map((head) => [head.run_id, head]));
    const runs = reach.runs.flatMap(({ run_id, read, taint }): BlastedRun[] => {
      const head = heads.get(run_id);
      const datasets = (bad.get(run_id) ?? []).map(({ dataset }) => dataset);
      return head === undefined ? [] : [{ ...head, read, taint, bad: datasets }];
    });
    return {
      taints: [...new Set(reach.versions.map(({ taint }) => taint))],
      equal: reach.versions.flatMap(({ kind, dataset, run_id, taint }): EqualVersion[] =>
        kind === "equal" ? [{ dataset, run_id, equal_to: taint.run_id }] : [],
      ),
      replaced: reach.versions.flatMap(({ dataset, run_id, replaced_by }): Replacement[] =>
        replaced_by === null ? [] : [{ dataset, run_id, replaced_by }],
      ),
      runs,
      sessions: groupSessions(registry.placesOf(ids), heads),
      aliases: listAliases(registry).filter((alias) => badKeys.has(baseKey(alias))),
      published: registry.publicationsOf(ids).filter((published) => badKeys.has(baseKey(published))),
    };
  });
}

function groupSessions(places: readonly RunPlace[], heads: ReadonlyMap<RunId, RunHead>): BlastedSession[] {
  const sessions = Map.groupBy(places, ({ session_id }) => session_id);
  return [...sessions].map(([session_id, inside]) => ({
    session_id,
    workflow: inside[0]?.workflow ?? "",
    runs: inside.map(({ run, run_id }) => {
      return { run, run_id, is_reused: heads.get(run_id)?.session_id !== session_id };
    }),
  }));
}
