import type { VersionConfirmed, VersionReplaced, VersionVerdict } from "../../core/event/verdict-event.ts";
import type { ChainLink, ChainScope, RegistryReader } from "../../core/port/registry.ts";
import { isDone, type SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { baseKey } from "../equal-versions.ts";
import { listSaved } from "../saved-versions.ts";
import { indexTaints, type TaintIndex } from "../taint.ts";
import { type AffectedRun, listAffectedRuns } from "./affected-runs.ts";

/** Verdict of healing on a bad version. */
export type HealingVerdict = VersionConfirmed | VersionReplaced;

export interface Judging {
  registry: RegistryReader;
  taints: TaintIndex;
  time: string;
  /** Datasets that the verdicts are for; default: all bad ones. */
  datasets?: readonly string[];
}

/**
 * Judges the bad versions that an attempt was made to replace: versions that it saved with the same content are good,
 * if they are bad only for their inputs; the others are replaced. No verdicts if the attempt is bad itself.
 */
export function judgeAgain(
  affectedRun: AffectedRun,
  again: RunId,
  { registry, taints, time, datasets }: Judging,
): HealingVerdict[] {
  if (again === affectedRun.run_id) return [];
  const [before, after] = [listSaved(registry, affectedRun.run_id), listSaved(registry, again)];
  const { session_id, run, run_id } = affectedRun;
  return (datasets ?? affectedRun.bad).flatMap((dataset): HealingVerdict[] => {
    const then = findVersion(before, dataset);
    const now = findVersion(after, dataset);
    if (then === null || now === null || taints.ofVersion({ dataset, run_id: again }) !== null) return [];
    const about = { time, session_id, run, run_id, dataset };
    const isEqual = then.hash !== null && then.hash === now.hash;
    if (!affectedRun.tainted.includes(dataset) && isEqual)
      return [{ type: "version.confirmed", ...about, equal_to: again }];
    return isEqual ? [] : [{ type: "version.replaced", ...about, replaced_by: again }];
  });
}

/** Returns the verdicts of one succeeded run of a session that heals another one. */
export function judgeRun(
  { run, run_id }: { run: string; run_id: RunId },
  { healed, affectedRuns, ...judging }: Judging & { healed: SessionRecord; affectedRuns: Iterable<AffectedRun> },
): HealingVerdict[] {
  const stood = healed.runs.find((record) => record.run === run)?.run_id ?? null;
  const isMeant = (affectedRun: AffectedRun) =>
    affectedRun.run_id === stood || (affectedRun.session_id === healed.session_id && affectedRun.run === run);
  return [...affectedRuns].filter(isMeant).flatMap((affectedRun) => judgeAgain(affectedRun, run_id, judging));
}

/**
 * Lists verdicts that follow from the record and are not on record: a session that heals may have been cut off before
 * it recorded them, and the last attempt of a run that was tried again may be good.
 */
export function listPendingVerdicts(registry: RegistryReader, time: string): HealingVerdict[] {
  const affectedRuns = [...listAffectedRuns(registry).values()];
  if (affectedRuns.length === 0) return [];
  const judging = { registry, taints: indexTaints(registry), time };
  const owed = affectedRuns.flatMap((affectedRun) => judgeLater(affectedRun, judging));
  const since = affectedRuns.map(({ taint }) => taint.time).sort()[0] ?? time;
  for (const { session_id, replay_of } of registry.listSessions({ since })) {
    if (replay_of?.heals !== true) continue;
    const healed = registry.findSession(replay_of.session_id);
    const runs = registry.runsOf([session_id]);
    if (healed === null) continue;
    for (const { run, run_id, status } of runs)
      if (isDone(status) && run_id !== null)
        owed.push(...judgeRun({ run, run_id }, { ...judging, healed, affectedRuns }));
  }
  return [...new Map(owed.map((verdict) => [baseKey(verdict), verdict])).values()];
}

/** The run may have been tried again in its own session. */
function judgeLater(affectedRun: AffectedRun, judging: Judging): HealingVerdict[] {
  const last = judging.registry.attemptsOf([affectedRun]).at(-1);
  return last !== undefined && isDone(last.status) ? judgeAgain(affectedRun, last.run_id, judging) : [];
}

/** Adds supposed verdicts to the statements of a log. */
function* addLinks(
  links: Iterable<ChainLink>,
  { statements }: ChainScope,
  supposed: readonly HealingVerdict[],
): Generator<ChainLink> {
  yield* links;
  if (statements) for (const event of supposed) yield { seq: 0, hash: null, fault: null, event };
}

/** The registry as if this were on record already. It may be a class: its methods are called on itself. */
export function withVerdicts(registry: RegistryReader, supposed: readonly HealingVerdict[]): RegistryReader {
  if (supposed.length === 0) return registry;
  const verdicts = supposed.map((event): VersionVerdict => {
    const { run_id, dataset, time } = event;
    const said = { run_id, dataset, time, reason: null, by: null };
    return event.type === "version.confirmed"
      ? { ...said, kind: "confirmed", other_run_id: event.equal_to }
      : { ...said, kind: "replaced", other_run_id: event.replaced_by };
  });
  return new Proxy(registry, {
    get: (target, name) => {
      if (name === "verdicts") return () => [...target.verdicts(), ...verdicts];
      if (name === "links") return (scope: ChainScope) => addLinks(target.links(scope), scope, supposed);
      const found: unknown = Reflect.get(target, name);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}
