import type { RegistryReader } from "../../core/port/registry.ts";
import type { AttemptResult, ResolvedRun } from "../../core/port/runner.ts";
import type { RunWarning, SessionRecord } from "../../core/run.ts";
import type { ExecuteOptions } from "../../execute/execute-options.ts";
import { baseKey } from "../../explain/equal-versions.ts";
import { findPinWriters } from "../../explain/pin-writer.ts";
import {
  type BadVersion,
  followTaints,
  formatTaint,
  listBad,
  nameVersion,
  type TaintIndex,
} from "../../explain/taint.ts";
import type { Plan } from "../../plan/plan.ts";
import { fingerprintRun } from "../../resolve/fingerprint.ts";
import { listPins } from "../../resolve/list-pins.ts";
import { hashText } from "../reuse/open-reuse.ts";

type Verify = ExecuteOptions["verify"];
type Bad = Omit<BadVersion, "replaced_by" | "superseded_by">;

interface WarnOptions {
  registry: RegistryReader;
  onWarning(run: ResolvedRun, warning: RunWarning): void;
}

/**
 * Warns of each run that has saved tainted content again, and of each that consumed it. They succeed, as the session
 * asked for them. Other sessions do not reuse their outputs, as the registry finds tainted content by its hash.
 */
export function warnTainted(plan: Plan, verify: Verify, { registry, onWarning }: WarnOptions): Verify {
  const follow = followTaints(registry);
  // The index may be older than what this session has recorded.
  const made = new Map<string, Bad>();
  return async (result, resolved) => {
    const verified = await verify(result, resolved);
    const taints = follow();
    if (verified.rejection !== null || taints.isEmpty) return verified;
    const again = listAgain(plan, { result, resolved, taints, registry });
    const read = listRead(resolved, { registry, taints, made });
    const [first] = read;
    for (const bad of again) onWarning(resolved, { code: "tainted-again", message: formatAgain(bad) });
    for (const each of read) onWarning(resolved, { code: "tainted-input", message: explainRead(each) });
    if (first !== undefined) {
      const { taint, source } = first.bad;
      const { run_id } = resolved;
      for (const dataset of Object.keys(result.outputs))
        made.set(baseKey({ dataset, run_id }), { dataset, run_id, kind: "derived", taint, source });
    }
    for (const bad of again) made.set(baseKey(bad), bad);
    return verified;
  };
}

/** A run that has made tainted content again, and the warning that said so. */
export interface TaintedAgain {
  run: string;
  warning: RunWarning;
}

/** Lists the warnings of what a session made again though it was tainted; without what was cleared since, as before a resumption. */
export function listTaintedAgain(registry: RegistryReader, { runs }: SessionRecord): TaintedAgain[] {
  const warned = runs.flatMap(({ run, run_id, status, warnings }) => {
    const again = status === "reused" ? [] : warnings.filter(({ code }) => code === "tainted-again");
    return again.map((warning) => ({ run, run_id, warning }));
  });
  if (warned.length === 0) return [];
  const bad = new Set(listBad(registry, warned).map(({ run_id }) => run_id));
  return warned.flatMap(({ run, run_id, warning }) => (run_id !== null && bad.has(run_id) ? [{ run, warning }] : []));
}

interface Attempted {
  result: AttemptResult;
  resolved: ResolvedRun;
  taints: TaintIndex;
  registry: RegistryReader;
}

function listAgain({ runs }: Plan, { result, resolved, taints, registry }: Attempted): Bad[] {
  const { session_id, run, run_id } = resolved;
  const session = registry.findSessionHead(session_id);
  if (session === null) throw new Error(`the registry has lost session ${session_id}`);
  const work = runs.find((planned) => planned.run === run)?.work ?? null;
  const found = work === null ? null : fingerprintRun(work, resolved, hashText);
  const fingerprint = found?.ok === true ? found.fingerprint.digest : null;
  const { workflow, workflow_file } = session;
  const about = { run, workflow, workflow_file, fingerprint };
  return Object.entries(result.outputs).flatMap(([dataset, { hash, plain_location }]): Bad[] => {
    const taint = taints.ofContent({ ...about, dataset, hash, plain_location });
    return taint === null ? [] : [{ dataset, run_id, kind: "equal", taint, source: { dataset, run_id } }];
  });
}

interface BadRead {
  dataset: string;
  bad: Bad;
}

function listRead(
  { reads }: ResolvedRun,
  { registry, taints, made }: { registry: RegistryReader; taints: TaintIndex; made: ReadonlyMap<string, Bad> },
): BadRead[] {
  const pins = listPins(reads);
  const writerOf = findPinWriters(registry, pins);
  return pins.flatMap((pin): BadRead[] => {
    const run_id = writerOf(pin)?.run_id ?? null;
    if (run_id === null) return [];
    const version = { dataset: pin.from_dataset ?? pin.dataset, run_id };
    const bad = taints.ofVersion(version) ?? findMade(made.get(baseKey(version)), taints);
    return bad === null ? [] : [{ dataset: pin.dataset, bad }];
  });
}

/** Drops what was cleared since. */
function findMade(bad: Bad | undefined, taints: TaintIndex): Bad | null {
  return bad === undefined || taints.ofVersion(bad.taint)?.kind !== "tainted" ? null : bad;
}

const FATE = "nothing of it is reused or published";

function formatAgain(bad: Bad): string {
  const what = formatTaint({ ...bad, replaced_by: null, superseded_by: null });
  const right = `runweave taint --clear ${nameVersion(bad.taint)}`;
  return `${bad.dataset} ${what}; ${FATE}, nor of what is made of it: fix what makes it and run it again, or say that it is right: ${right}`;
}

function explainRead({ dataset, bad }: BadRead): string {
  const what = formatTaint({ ...bad, replaced_by: null, superseded_by: null });
  return `it has read ${dataset}, which is ${nameVersion(bad)} and ${what}; ${FATE} that it has made`;
}
