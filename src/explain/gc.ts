import type { HeldAttempt, HeldUse, RetentionFacts } from "../core/port/registry.ts";
import { TERMINAL_STATUSES } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { compareDown } from "../core/text/compare-text.ts";

/** Data to keep though no run needs them: if both are given, data that match either. */
export interface Retention {
  /** Number of newest successes whose data stay, for each run of each workflow. Workflows in different files differ. */
  keepLast: number | null;
  /** Time from which data are kept: ISO, UTC. */
  since: string | null;
}

/** Reason why the data of an attempt stay, or that they go. */
export type RetentionRule =
  | "under-way"
  | "adopted"
  | "session-running"
  | "expected"
  | "aliased"
  | "tagged"
  | "recent"
  | "among-last"
  | "reachable"
  | "goes";

export interface RetentionVerdict {
  run_id: RunId;
  rule: RetentionRule;
  /** One sentence for people. */
  reason: string;
  /** Reader of the attempt, the next one on the way from a kept attempt; only of `reachable`. */
  through: RunId | null;
}

/**
 * Decides which attempts' data may be collected, with the reason for each attempt: a pure decision over the registry's
 * facts. Data that a kept attempt reaches by its pins, over any number of steps, stay. `expected`: attempts that
 * sessions under way are still to read.
 */
export function decideRetention(
  facts: RetentionFacts,
  { retention, expected = [] }: { retention: Retention; expected?: readonly RunId[] },
): RetentionVerdict[] {
  const verdicts = new Map<RunId, RetentionVerdict>();
  const judge = createJudge(facts, { retention, expected });
  for (const attempt of facts.attempts) {
    const kept = judge(attempt);
    if (kept !== null) verdicts.set(attempt.run_id, { run_id: attempt.run_id, through: null, ...kept });
  }
  spread(facts, verdicts);
  const why = describeRetention(retention);
  return facts.attempts.map(({ run_id }) => {
    return verdicts.get(run_id) ?? { run_id, rule: "goes", reason: why, through: null };
  });
}

type Kept = Pick<RetentionVerdict, "rule" | "reason">;

/** Tells if an attempt is kept for its own sake. */
function createJudge(
  facts: RetentionFacts,
  { retention, expected }: { retention: Retention; expected: readonly RunId[] },
): (attempt: HeldAttempt) => Kept | null {
  const running = new Set(facts.running);
  const uses = Map.groupBy(facts.uses, ({ run_id }) => run_id);
  const awaited = new Set(expected);
  const tagged = new Set(facts.tagged);
  const aliases = new Map(facts.aliased.map(({ alias, run_id }) => [run_id, alias]));
  const isAmongLast = createCounter(facts, retention.keepLast);
  return (attempt) => {
    const { run_id, session_id, status } = attempt;
    const used = uses.get(run_id) ?? [];
    const time = used.reduce((latest, use) => laterOf(latest, use.time), attempt.time);
    const alias = aliases.get(run_id);
    if (!TERMINAL_STATUSES.has(status)) return keep("under-way", `it is ${status}`);
    if (attempt.is_adopted) return keep("adopted", "it was saved before runweave knew the project");
    const session = [session_id, ...used.map((use) => use.session_id)].find((id) => running.has(id));
    if (session !== undefined) return keep("session-running", `session ${session} has not ended`);
    if (awaited.has(run_id)) return keep("expected", "a running session will read it");
    if (alias !== undefined) return keep("aliased", `the alias ${alias} stands for it`);
    if (tagged.has(run_id)) return keep("tagged", "it has the tag keep");
    if (retention.since !== null && time >= retention.since) return keep("recent", `it is of ${time}`);
    const seq = Math.max(attempt.seq, ...used.map((use) => use.seq));
    return isAmongLast({ ...attempt, seq })
      ? keep("among-last", `it is among the last ${retention.keepLast} of its run`)
      : null;
  };
}

/**
 * Counts newer successes of the same run, by the order of the log: the clock may have been put back. Failed attempts are not
 * counted, and stay until there are so many successes after them.
 */
function createCounter(
  { uses }: RetentionFacts,
  keepLast: number | null,
): (attempt: Omit<HeldUse, "session_id" | "status" | "time">) => boolean {
  if (keepLast === null) return () => false;
  const newest = new Map<string, Map<RunId, number>>();
  for (const { run_id, status, seq, ...use } of uses) {
    if (status !== "success" && status !== "reused") continue;
    const key = nameWork(use);
    const seqs = newest.get(key) ?? new Map<RunId, number>();
    newest.set(key, seqs.set(run_id, Math.max(seqs.get(run_id) ?? seq, seq)));
  }
  const limits = new Map(
    [...newest].map(([key, seqs]) => {
      const sorted = [...seqs].sort(([, a], [, b]) => b - a);
      return [key, { last: new Set(sorted.slice(0, keepLast).map(([id]) => id)), limit: sorted[keepLast - 1]?.[1] }];
    }),
  );
  const anywhere = new Set([...limits.values()].flatMap(({ last }) => [...last]));
  return ({ run_id, seq, ...attempt }) => {
    if (anywhere.has(run_id)) return true;
    const key = nameWork(attempt);
    const known = limits.get(key);
    return known?.limit === undefined ? !newest.get(key)?.has(run_id) : seq > known.limit;
  };
}

/** Two workflows, of two projects as a rule, may have one name. */
function nameWork({ source, workflow, run }: Pick<HeldUse, "source" | "workflow" | "run">): string {
  return JSON.stringify([source, workflow, run]);
}

/** Keeps what the kept ones have read, and so on: a list and no recursion, so that a chain may be of any length. */
function spread({ reads, attempts }: RetentionFacts, verdicts: Map<RunId, RetentionVerdict>): void {
  const names = new Map(attempts.map(({ run_id, run }) => [run_id, run]));
  const writers = Map.groupBy(reads, ({ reader }) => reader);
  const waiting = [...verdicts.keys()];
  for (const reader of waiting) {
    for (const { writer } of writers.get(reader) ?? []) {
      if (verdicts.has(writer)) continue;
      const reason = `${names.get(reader)} (${reader}), which is kept, has read it`;
      verdicts.set(writer, { run_id: writer, rule: "reachable", reason, through: reader });
      waiting.push(writer);
    }
  }
}

function keep(rule: RetentionRule, reason: string): Kept {
  return { rule, reason };
}

function describeRetention({ keepLast, since }: Retention): string {
  const parts = [
    ...(since === null ? [] : [`older than ${since}`]),
    ...(keepLast === null ? [] : [`not among the last ${keepLast} of its run`]),
  ];
  return parts.join(", and ");
}

function laterOf(a: string, b: string): string {
  const [later = a] = [a, b].sort(compareDown);
  return later;
}
