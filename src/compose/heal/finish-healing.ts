import type { HealingProposal, HealingResult } from "../../core/answer/healing.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { RunId } from "../../core/run-id.ts";
import { findAlias } from "../../explain/aliases.ts";
import { type AffectedRun, listAffectedRuns } from "../../explain/heal/affected-runs.ts";
import { indexTaints } from "../../explain/taint.ts";

export interface Finishing {
  registry: Registry;
  sessions: HealingResult["sessions"];
  /** Number of verdicts on versions before the healing. */
  verdictCount: number;
  /** Attempts that were to be healed. */
  affectedRuns: ReadonlyMap<RunId, AffectedRun>;
  proposal: Pick<HealingProposal, "aliases">;
  /** True if aliases move. */
  moves: boolean;
}

/** Returns the outcome of healing, with the aliases that it moves. */
export function finishHealing({
  registry,
  sessions,
  verdictCount,
  affectedRuns,
  proposal,
  moves,
}: Finishing): HealingResult {
  const aliases = proposal.aliases.flatMap((alias) => followAlias(registry, alias, moves));
  const said = registry.verdicts().slice(verdictCount);
  const left = [...listAffectedRuns(registry).values()].filter(({ run_id }) => affectedRuns.has(run_id));
  return {
    sessions,
    replaced: said.flatMap(({ kind, dataset, run_id, other_run_id: by }) =>
      kind === "replaced" && by !== null ? [{ dataset, run_id, replaced_by: by }] : [],
    ),
    confirmed: said.flatMap(({ kind, dataset, run_id, other_run_id: by }) =>
      kind === "confirmed" && by !== null ? [{ dataset, run_id, equal_to: by }] : [],
    ),
    left: left.flatMap(({ bad, run_id, run, session_id }) =>
      (bad.length === 0 ? [null] : bad).map((dataset) => ({ dataset, run_id, run, session_id })),
    ),
    aliases,
  };
}

/**
 * Follows an alias. One whose version is good is left out: it was made again with equal content, or was moved by a user
 * since.
 */
function followAlias(
  registry: Registry,
  { alias, dataset, run_id }: HealingProposal["aliases"][number],
  moves: boolean,
): HealingResult["aliases"] {
  const now = findAlias(registry, alias);
  const bad = indexTaints(registry).ofVersion({ dataset, run_id });
  if (bad === null || now?.run_id !== run_id || now.dataset !== dataset) return [];
  const to = bad.replaced_by;
  const [head] = to === null ? [] : registry.findHeads([to]);
  if (moves && head !== undefined) {
    const { session_id, run } = head;
    const time = formatTime(systemClock.now());
    registry.append([{ type: "alias.set", time, session_id, run, run_id: head.run_id, alias, dataset }]);
  }
  return [{ alias, dataset, from: run_id, to, moved: moves && head !== undefined }];
}
