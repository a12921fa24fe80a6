import { identifyRequester } from "../../compose/send-request.ts";
import type { VerdictEvent } from "../../core/event/verdict-event.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import { listFew } from "../../core/text/list-few.ts";
import { measureBlast } from "../../explain/blast-radius.ts";
import { baseKey } from "../../explain/equal-versions.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import type { SavedVersion } from "../../explain/find/find-saved-version.ts";
import { findTarget } from "../../explain/find/read-target.ts";
import { indexTaints, listTaints, nameVersion, type Taint, tellTaint, traceTaints } from "../../explain/taint.ts";
import { toBlastText } from "../../explain/text/blast-text.ts";
import { baseName } from "../../plan/transcoding.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findSavedVersion } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistry, writeRegistry } from "../open-registry.ts";
import { writeLines, writeText } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

type Saved = Pick<SavedVersion, "dataset" | "head" | "fallback">;

const USAGE = 'runweave taint DATASET@RUN --reason "wrong units"';

const NAMES_SHOWN = 5;
/** Stands for the reason of a taint that is only tried. */
const UNSAID = "no reason is given yet";

export interface TaintFlags extends RegistryFlag {
  session?: string;
  reason?: string;
  clear?: boolean;
  onlyThis?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `runweave taint [DATASET@RUN]`: marks a version, or takes the mark off; without one, what is tainted and what that reaches. */
export async function taintVersion(target: string | undefined, flags: TaintFlags): Promise<ExitCode> {
  if (target === undefined) return showTaints(flags);
  if (flags.clear) return await clearTaint(target, flags);
  const { reason = "" } = flags;
  if (flags.dryRun)
    return readRegistry(flags, (reader) => foretell(reader, { target, reason: reason || UNSAID, flags }));
  if (reason.trim() === "") {
    const hint = `runweave taint ${target} --reason "wrong units"`;
    throw new CliError("no-reason", "a taint needs a reason, for people who find it later: add --reason", { hint });
  }
  return await writeRegistry(flags, async (registry) => {
    const version = findSaved(registry, target, flags);
    const scope = flags.onlyThis ? { only_this: true as const } : {};
    append(registry, version, { type: "version.tainted", reason, ...scope });
    return show(registry, listTaints(registry).filter(isOf(version)), { flags, fallback: version.fallback });
  });
}

function showTaints(flags: TaintFlags): ExitCode {
  if (flags.reason !== undefined || flags.clear || flags.onlyThis)
    throw new CliError("invalid-target", "say which version: DATASET@RUN", { hint: USAGE });
  return readRegistry(flags, (reader) => show(reader, listTaints(reader), { flags, fallback: null }));
}

/** What the taint would reach. */
function foretell(
  reader: RegistryReader,
  { target, reason, flags }: { target: string; reason: string; flags: TaintFlags },
): ExitCode {
  const { dataset, head, fallback } = findSaved(reader, target, flags);
  const only_this = flags.onlyThis === true;
  const supposed = { dataset, run_id: head.run_id, reason, by: identifyRequester(), time: now(), only_this };
  if (!flags.json) writeText(process.stdout, "Nothing is recorded. With the mark, this would be so:\n\n");
  return show(reader, [supposed], { flags, fallback });
}

async function clearTaint(target: string, flags: TaintFlags): Promise<ExitCode> {
  return await writeRegistry(flags, async (registry): Promise<ExitCode> => {
    const version = findTainted(registry, target, flags) ?? findSaved(registry, target, flags);
    const [taint] = listTaints(registry).filter(isOf(version));
    if (taint === undefined) return refuseGood(registry, version);
    const others = listTaints(registry).filter((each) => !isOf(version)(each));
    if (!flags.dryRun) append(registry, version, { type: "version.cleared", reason: flags.reason ?? null });
    const left = measureBlast(registry, others);
    if (flags.json) writeAnswer("taint", { cleared: taint, ...left, fallbacks: listFallbacks(version.fallback) });
    else {
      if (flags.dryRun) writeText(process.stdout, "Nothing is recorded. Without the mark, this would be so:\n\n");
      writeLines(process.stdout, tellCleared(registry, taint, others));
      if (left.taints.length > 0) writeText(process.stdout, `\n${toBlastText(left)}`);
    }
    return 0;
  });
}

/** A version that is tainted, as the target names it: the run of the newest session may be one that failed to heal it. */
function findTainted(registry: Registry, target: string, { session }: TaintFlags): Saved | null {
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
  const hint = `say which: ${listFew(names, NAMES_SHOWN)}`;
  throw new CliError("ambiguous-version", `${target} may be each of ${found.length} versions that are tainted`, {
    hint,
  });
}

function refuseGood(registry: Registry, { dataset, head }: Saved): never {
  const bad = indexTaints(registry).ofVersion({ dataset, run_id: head.run_id });
  if (bad === null) {
    const message = `${dataset} of ${head.run_id} is not tainted`;
    throw new CliError("not-tainted", message, { hint: "`runweave taint` lists what is" });
  }
  const message = `${dataset} of ${head.run_id} is not tainted itself: it ${tellTaint(bad)}`;
  throw new CliError("not-tainted", message, { hint: `runweave taint --clear ${nameVersion(bad.taint)}` });
}

/** Another version of the same content may be tainted itself, and then nothing has changed. */
function tellCleared(registry: Registry, { dataset, run_id }: Taint, others: readonly Taint[]): string[] {
  const name = nameVersion({ dataset, run_id });
  const key = baseKey({ dataset, run_id });
  const bad = traceTaints(registry, others).versions.find((each) => baseKey(each) === key);
  if (bad === undefined) return [`${name} is not tainted any more`];
  return [`${name} is not tainted itself any more, but it ${tellTaint(bad)}`];
}

type Said = Pick<VerdictEvent & { type: "version.tainted" }, "type" | "reason" | "only_this"> | ClearedSaid;
type ClearedSaid = Pick<VerdictEvent & { type: "version.cleared" }, "type" | "reason">;

function append(registry: Registry, { dataset, head }: Saved, said: Said): void {
  const { session_id, run, run_id } = head;
  registry.append([{ time: now(), session_id, run, run_id, dataset, ...said, by: identifyRequester() }]);
}

function show(
  reader: RegistryReader,
  taints: readonly Taint[],
  { flags, fallback }: { flags: TaintFlags; fallback: Fallback | null },
): ExitCode {
  const blast = measureBlast(reader, taints);
  if (flags.json) writeAnswer("taint", { cleared: null, ...blast, fallbacks: listFallbacks(fallback) });
  else writeText(process.stdout, toBlastText(blast));
  return 0;
}

function isOf({ dataset, head }: Saved): (taint: Taint) => boolean {
  const key = baseKey({ dataset, run_id: head.run_id });
  return (taint) => baseKey(taint) === key;
}

function findSaved(reader: RegistryReader, target: string, { session }: TaintFlags): Saved {
  return findSavedVersion(reader, target, { session, usage: USAGE });
}

function now(): string {
  return formatTime(systemClock.now());
}
