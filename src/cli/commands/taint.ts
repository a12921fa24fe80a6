import { identifyRequester } from "../../compose/send-request.ts";
import { formatTime, systemClock } from "../../core/clock.ts";
import type { Registry, RegistryReader } from "../../core/registry.ts";
import type { VerdictEvent } from "../../core/verdict-event.ts";
import { measureBlast } from "../../explain/blast-radius.ts";
import { toBlastText } from "../../explain/blast-text.ts";
import { baseKey, listTaints, type Taint } from "../../explain/taint.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findSavedVersion, type SavedVersion } from "../find-saved-version.ts";
import { type RegistryFlag, readRegistry, writeRegistry } from "../open-registry.ts";
import { writeJson, writeLines } from "../terminal.ts";

const USAGE = 'runweave taint table@prep --reason "wrong units"';

export interface TaintFlags extends RegistryFlag {
  session?: string;
  reason?: string;
  clear?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `runweave taint [DATASET@RUN]`: marks a version, or takes the mark off; without one, what is tainted and what that reaches. */
export async function taintVersion(target: string | undefined, flags: TaintFlags): Promise<ExitCode> {
  if (target === undefined) return showTaints(flags);
  if (flags.clear) return await clearTaint(target, flags);
  const { reason } = flags;
  if (reason === undefined || reason.trim() === "") {
    const hint = `runweave taint ${target} --reason "wrong units"`;
    throw new CliError("no-reason", "whoever comes upon a tainted version wants to know why: say --reason", { hint });
  }
  if (flags.dryRun) return readRegistry(flags, (reader) => foretell(reader, { target, reason, flags }));
  return await writeRegistry(flags, async (registry) => {
    const version = findTarget(registry, target, flags);
    append(registry, version, { type: "version.tainted", reason });
    return show(registry, listTaints(registry).filter(isOf(version)), flags);
  });
}

function showTaints(flags: TaintFlags): ExitCode {
  if (flags.reason !== undefined || flags.clear)
    throw new CliError("invalid-target", "say which version: DATASET@RUN", { hint: USAGE });
  return readRegistry(flags, (reader) => show(reader, listTaints(reader), flags));
}

/** What the taint would reach. */
function foretell(
  reader: RegistryReader,
  { target, reason, flags }: { target: string; reason: string; flags: TaintFlags },
): ExitCode {
  const { dataset, head } = findTarget(reader, target, flags);
  const supposed = { dataset, run_id: head.run_id, reason, by: identifyRequester(), time: now() };
  return show(reader, [supposed], flags);
}

async function clearTaint(target: string, flags: TaintFlags): Promise<ExitCode> {
  return await writeRegistry(flags, async (registry): Promise<ExitCode> => {
    const version = findTarget(registry, target, flags);
    const [taint] = listTaints(registry).filter(isOf(version));
    if (taint === undefined) {
      const hint = "`runweave taint` lists what is";
      throw new CliError("not-tainted", `${version.dataset} of ${version.head.run_id} is not tainted`, { hint });
    }
    if (!flags.dryRun) append(registry, version, { type: "version.cleared", reason: flags.reason ?? null });
    const left = measureBlast(registry);
    if (flags.json) writeJson({ cleared: taint, ...left });
    else {
      writeLines(process.stdout, [`${taint.dataset}@${taint.run_id} is not tainted any more`]);
      if (left.taints.length > 0) process.stdout.write(`\n${toBlastText(left)}`);
    }
    return 0;
  });
}

type Said = Pick<VerdictEvent & { type: "version.tainted" }, "type" | "reason"> | ClearedSaid;
type ClearedSaid = Pick<VerdictEvent & { type: "version.cleared" }, "type" | "reason">;

function append(registry: Registry, { dataset, head }: SavedVersion, said: Said): void {
  const { session_id, run, run_id } = head;
  registry.append([{ time: now(), session_id, run, run_id, dataset, ...said, by: identifyRequester() }]);
}

function show(reader: RegistryReader, taints: readonly Taint[], { json }: TaintFlags): ExitCode {
  const blast = measureBlast(reader, taints);
  if (json) writeJson(blast);
  else process.stdout.write(toBlastText(blast));
  return 0;
}

function isOf({ dataset, head }: SavedVersion): (taint: Taint) => boolean {
  const key = baseKey({ dataset, run_id: head.run_id });
  return (taint) => baseKey(taint) === key;
}

function findTarget(reader: RegistryReader, target: string, { session }: TaintFlags): SavedVersion {
  return findSavedVersion(reader, target, { session, usage: USAGE });
}

function now(): string {
  return formatTime(systemClock.now());
}
