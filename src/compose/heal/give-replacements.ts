import { UPSTREAM_NOT_HEALED } from "../../core/answer/healing.ts";
import { type Checked, type Problem, problemAt, type RunsProblem } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenData, GivenRead } from "../../core/read.ts";
import type { RunId } from "../../core/run-id.ts";
import { listConsumed, listEarlier, listFrozen } from "../../core/select-reads.ts";
import { findPinWriter } from "../../explain/pin-writer.ts";
import { type BadVersion, formatTaint, type TaintIndex } from "../../explain/taint.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { freezeRunId } from "../freeze/freeze-run-id.ts";
import { sourceOf } from "../registry-source.ts";
import { injectInstead } from "../replay/apply-pins.ts";

export interface ReplacementOptions {
  registry: RegistryReader;
  source: { path: string };
  taints: TaintIndex;
  /** Attempt that a run of the session stands for; null if it is executed again in this session, or is not bad. */
  badAttemptOf(run: string): RunId | null;
  /** True if another session is to heal this attempt first, so that its replacement does not exist yet. */
  isPending(runId: RunId): boolean;
}

/** A bad version that a run reads and that its session does not make again. */
interface BadRead {
  dataset: string;
  bad: BadVersion;
  name: string;
  as: "upstream" | "downstream";
  /** The run of the session that it comes from, if it is of one. */
  upstream: string | null;
}

/** Runs as they are to be executed, and what keeps some of them from it. */
interface Given {
  runs: PlannedRun[];
  /** Datasets that another session is still to heal, by run. */
  pending: ReadonlyMap<string, ReadonlySet<string>>;
  problems: RunsProblem[];
}

/**
 * Lets runs read what replaces the bad versions that they read from elsewhere. What another session is still to heal stays as
 * it is, and is named in `pending`. Problems: `not-healed`, and those of a version that can't be had.
 */
export async function giveReplacements(runs: readonly PlannedRun[], options: ReplacementOptions): Promise<Given> {
  const problems: RunsProblem[] = [];
  const pending = new Map<string, Set<string>>();
  const given: PlannedRun[] = [];
  for (const run of runs) {
    let current = run;
    for (const read of listBadReads(run, options)) {
      const { dataset, bad } = read;
      const input = bad.replaced_by === null ? null : await freezeReplacement(read, bad.replaced_by, options);
      if (input?.ok) current = injectInstead(current, dataset, input.value);
      else if (input !== null) problems.push(...input.problems.map((problem) => ofRun(problem, run.run, dataset)));
      else if (options.isPending(bad.superseded_by ?? bad.run_id))
        pending.set(run.run, (pending.get(run.run) ?? new Set<string>()).add(dataset));
      else problems.push({ runs: [run.run], problem: refuseRead(run.run, read) });
    }
    given.push(current);
  }
  return { runs: given, pending, problems };
}

function listBadReads(run: PlannedRun, { registry, taints, badAttemptOf }: ReplacementOptions): BadRead[] {
  const found = (
    dataset: string,
    { name, runId, as, upstream }: { name: string; runId: RunId | null; as: BadRead["as"]; upstream: string | null },
  ): BadRead[] => {
    const bad = runId === null ? null : taints.ofVersion({ dataset: name, run_id: runId });
    return bad === null ? [] : [{ dataset, bad, name, as, upstream }];
  };
  const consumed = listConsumed(run).flatMap(([dataset, { run: upstream, dataset: name, as }]) =>
    found(dataset, { name, runId: badAttemptOf(upstream), as, upstream }),
  );
  const given = listEarlier(run).flatMap(([dataset, read]) =>
    found(dataset, { name: read.from_dataset, runId: findWriter(registry, read), as: read.as, upstream: null }),
  );
  const frozen = listFrozen(run).flatMap(([dataset, { version }]) =>
    found(dataset, {
      name: dataset,
      runId: findPinWriter(registry, { rule: "frozen", version })?.run_id ?? null,
      as: "upstream",
      upstream: null,
    }),
  );
  return [...consumed, ...given, ...frozen];
}

function findWriter(registry: RegistryReader, input: GivenData): RunId | null {
  const { vouched_by, version } = input;
  const vouched = vouched_by === undefined ? {} : { vouched_by };
  return findPinWriter(registry, { rule: "run_id", version: version.version, ...vouched })?.run_id ?? null;
}

async function freezeReplacement(
  { name, as, bad }: BadRead,
  runId: RunId,
  { registry, source }: ReplacementOptions,
): Promise<Checked<GivenRead>> {
  const wanted = { kind: "run_id", run_id: runId, dataset: name, as } as const;
  const freezing = await freezeRunId(wanted, sourceOf(registry, source.path));
  if (!freezing.ok) {
    const { code, message, hint } = freezing.fault;
    return { ok: false, problems: [problemAt(null, code, message, hint)] };
  }
  const reason = `${runId} replaces ${bad.dataset}@${bad.run_id}, which ${formatTaint({ ...bad, replaced_by: null })}`;
  return { ok: true, value: { ...freezing.input, reason }, warnings: [] };
}

function refuseRead(run: string, { dataset, bad, upstream }: BadRead): Problem {
  const version = `${bad.dataset}@${bad.run_id}`;
  if (upstream !== null) {
    const message = `${run} reads ${dataset}, which is ${version} of ${upstream} and stays bad`;
    const hint = `it is healed together with ${upstream}; or name a replacement: --with ${version}=RUN_ID`;
    return problemAt(null, UPSTREAM_NOT_HEALED, message, hint);
  }
  const message = `${run} reads ${dataset}, which is ${version} and is not healed: it ${formatTaint(bad)}`;
  return problemAt(null, "not-healed", message, `heal that first, or name a replacement: --with ${version}=RUN_ID`);
}

function ofRun(problem: Problem, run: string, dataset: string): RunsProblem {
  return { runs: [run], problem: { ...problem, message: `${run} should read ${dataset} again: ${problem.message}` } };
}
