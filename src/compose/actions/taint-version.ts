import { RefusalError } from "../../core/error/refusal-error.ts";
import type { VerdictEvent } from "../../core/event/verdict-event.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import { listFew } from "../../core/text/list-few.ts";
import { type BlastRadius, measureBlast } from "../../explain/blast-radius.ts";
import { baseKey } from "../../explain/equal-versions.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { findSavedVersion, type SavedVersion } from "../../explain/find/find-saved-version.ts";
import { findTarget } from "../../explain/find/read-target.ts";
import {
  type BadVersion,
  formatTaint,
  indexTaints,
  listTaints,
  nameVersion,
  type Taint,
  traceTaints,
} from "../../explain/taint.ts";
import { baseName } from "../../plan/transcoding.ts";
import { identifyRequester } from "../send-request.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress, writeRegistry } from "./context.ts";

/** A version that is to be marked as bad, or not any more. */
export interface TaintRequest {
  /** The version, as `DATASET@RUN`. */
  version: string;
  /** Reason, for users who come across the mark. */
  reason?: string | undefined;
  /** Session in which the run's name is looked for. */
  session?: string | undefined;
  /** True to mark this version alone, and not others with the same content. */
  onlyThis?: boolean | undefined;
  /** True to leave no record. */
  dryRun?: boolean | undefined;
}

/** The taints, and everything that they reach. */
export interface TaintResult extends BlastRadius {
  fallbacks: Fallback[];
}

type Saved = Pick<SavedVersion, "dataset" | "head" | "fallback">;

export const TAINT_USAGE = 'runweave taint DATASET@RUN --reason "wrong units"';
const NAMES_SHOWN = 5;
/** Reason that is shown for a taint of a dry run. */
const UNSAID = "no reason is given yet";

/** Lists what is tainted, and what was made of it. */
export function showTaints(address: StateAddress, context: ActionContext = {}): TaintResult {
  return readRegistry(address, context, (reader) => ({ ...measureBlast(reader), fallbacks: [] }));
}

/** Marks a version as bad: no run reads it any more, nor what was made of it. Throws RefusalError without a reason, ExplainError. */
export async function taintVersion(
  address: StateAddress,
  request: TaintRequest,
  context: ActionContext = {},
): Promise<TaintResult> {
  const { version, reason = "", onlyThis = false, dryRun } = request;
  if (dryRun) return readRegistry(address, context, (reader) => foretell(reader, request, context));
  if (reason.trim() === "") {
    const message = "a taint needs a reason, for people who find it later: add --reason";
    throw new RefusalError("no-reason", message, `runweave taint ${version} --reason "wrong units"`);
  }
  return await writeRegistry(address, context, (registry) => {
    const saved = findSaved(registry, request, context);
    append(registry, saved, { type: "version.tainted", reason, ...(onlyThis ? { only_this: true as const } : {}) });
    return measure(registry, listTaints(registry).filter(isOf(saved)), saved);
  });
}

/** Foretells the reach of the taint. */
function foretell(reader: RegistryReader, request: TaintRequest, context: ActionContext): TaintResult {
  const saved = findSaved(reader, request, context);
  const { onlyThis: only_this = false } = request;
  const about = { reason: request.reason || UNSAID, by: identifyRequester(), time: now(), only_this };
  return measure(reader, [{ dataset: saved.dataset, run_id: saved.head.run_id, ...about }], saved);
}

/** A taint that is gone. `still` tells why the version is bad nevertheless: another one of the same content is tainted. */
export interface ClearedTaint extends TaintResult {
  cleared: Taint;
  still: BadVersion | null;
}

/** Takes the mark off a version. Throws RefusalError for one that is not tainted itself, ExplainError. */
export async function clearTaint(
  address: StateAddress,
  request: Omit<TaintRequest, "onlyThis">,
  context: ActionContext = {},
): Promise<ClearedTaint> {
  return await writeRegistry(address, context, (registry) => {
    const saved = findTainted(registry, request) ?? findSaved(registry, request, context);
    const [cleared] = listTaints(registry).filter(isOf(saved));
    if (cleared === undefined) return refuseGood(registry, saved);
    const others = listTaints(registry).filter((each) => !isOf(saved)(each));
    if (!request.dryRun) append(registry, saved, { type: "version.cleared", reason: request.reason ?? null });
    const still = traceTaints(registry, others).versions.find((each) => baseKey(each) === baseKey(cleared)) ?? null;
    return { cleared, still, ...measure(registry, others, saved) };
  });
}

/** Finds the tainted version that the target names; null if there is none. The newest run of that name may be another one, which failed to heal it. */
function findTainted(registry: Registry, { version: target, session }: TaintRequest): Saved | null {
  const named = findTarget(registry, target);
  if (session !== undefined || named === null) return null;
  const { dataset, word: id } = named;
  const taints = listTaints(registry).filter((taint) => baseName(taint.dataset) === baseName(dataset));
  const heads = new Map(registry.findHeads(taints.map(({ run_id }) => run_id)).map((head) => [head.run_id, head]));
  const found = taints.flatMap((taint): Saved[] => {
    const head = heads.get(taint.run_id);
    return head === undefined || (head.run !== id && head.run_id !== id)
      ? []
      : [{ dataset: taint.dataset, head, fallback: null }];
  });
  if (found.length < 2) return found[0] ?? null;
  const names = found.map((each) => nameVersion({ dataset: each.dataset, run_id: each.head.run_id }));
  const message = `${target} names ${found.length} tainted versions`;
  throw new RefusalError("ambiguous-version", message, `say which: ${listFew(names, NAMES_SHOWN)}`);
}

function refuseGood(registry: Registry, { dataset, head }: Saved): never {
  const bad = indexTaints(registry).ofVersion({ dataset, run_id: head.run_id });
  if (bad === null)
    throw new RefusalError(
      "not-tainted",
      `${dataset} of ${head.run_id} is not tainted`,
      "`runweave taint` lists what is",
    );
  const message = `${dataset} of ${head.run_id} is not tainted itself: it ${formatTaint(bad)}`;
  throw new RefusalError("not-tainted", message, `runweave taint --clear ${nameVersion(bad.taint)}`);
}

type Said = Pick<VerdictEvent & { type: "version.tainted" }, "type" | "reason" | "only_this"> | ClearedSaid;
type ClearedSaid = Pick<VerdictEvent & { type: "version.cleared" }, "type" | "reason">;

function append(registry: Registry, { dataset, head }: Saved, said: Said): void {
  const { session_id, run, run_id } = head;
  registry.append([{ time: now(), session_id, run, run_id, dataset, ...said, by: identifyRequester() }]);
}

function measure(reader: RegistryReader, taints: readonly Taint[], { fallback }: Saved): TaintResult {
  return { ...measureBlast(reader, taints), fallbacks: listFallbacks(fallback) };
}

function isOf({ dataset, head }: Saved): (taint: Taint) => boolean {
  const key = baseKey({ dataset, run_id: head.run_id });
  return (taint) => baseKey(taint) === key;
}

function findSaved(reader: RegistryReader, { version, session }: TaintRequest, context: ActionContext): Saved {
  return reportFound(context, findSavedVersion(reader, version, { session, usage: TAINT_USAGE }));
}

function now(): string {
  return formatTime(systemClock.now());
}
