import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { type AffectedRun, listAffectedRuns } from "../../explain/heal/affected-runs.ts";
import { judgeRun } from "../../explain/heal/judge-healing.ts";
import { indexTaints, type TaintIndex } from "../../explain/taint.ts";
import type { SessionContext } from "../session/live-session.ts";
import { refuseSame } from "./refuse-same.ts";

/**
 * Follows a session that heals another one: as soon as a run of it has succeeded, it is on record what bad versions that
 * replaces, or shows to be good. What is healed stays healed, however the session ends.
 */
export function recordHealing(
  { registry, clock }: { registry: Registry; clock: Clock },
  healed: SessionRecord,
): Reporter {
  let known: { taintings: number; affectedRuns: AffectedRun[]; taints: TaintIndex } | null = null;
  // Healing only lowers the number of bad versions: a judgement stays right until a user taints or clears a version.
  const look = () => {
    const taintings = registry.verdicts().filter(({ kind }) => kind === "tainted" || kind === "cleared").length;
    if (known?.taintings !== taintings)
      known = { taintings, affectedRuns: [...listAffectedRuns(registry).values()], taints: indexTaints(registry) };
    return known;
  };
  return {
    onEvent: (event) => {
      if (event.type !== "run.succeeded" && event.type !== "run.reused") return;
      const { affectedRuns, taints } = look();
      const time = formatTime(clock.now());
      const verdicts = judgeRun(event, { registry, time, healed, affectedRuns, taints });
      if (verdicts.length > 0) registry.append(verdicts);
    },
  };
}

/** Continues the records of `heal` in a resumed session that heals another one. */
export function followHealing(
  { workspace, reporters = [] }: SessionContext,
  sessionId: SessionId,
): Pick<SessionContext, "demand"> & { reporters: readonly Reporter[] } {
  const { registry } = workspace;
  const origin = registry.findSessionHead(sessionId)?.replay_of ?? null;
  const healed = origin?.heals === true ? registry.findSession(origin.session_id) : null;
  return healed === null
    ? { reporters }
    : { reporters: [recordHealing(workspace, healed), ...reporters], demand: refuseSame };
}
