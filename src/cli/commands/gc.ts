import { refuseMoved } from "../../compose/home/home-state.ts";
import type { StateLocation } from "../../compose/locate-state.ts";
import { type CollectionPlan, collect, countRules, planCollection } from "../../compose/trash/collect-garbage.ts";
import { countBytes } from "../../compose/trash/discard-attempt.ts";
import { emptyTrash, type Undeleted } from "../../compose/trash/empty-trash.ts";
import { withRemoteStorage } from "../../compose/trash/open-remote-storage.ts";
import { COPIES_KEPT, COPY_AGE_MS, type JudgedCopies, judgeCopies } from "../../compose/trash/published-copies.ts";
import type { RemoteTrashContext } from "../../compose/trash/restore-trash.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Retention } from "../../explain/gc.ts";
import { renderTrash } from "../../report/result/trash-table.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { formatBytes } from "../../report/text/duration.ts";
import { listTrash, type TrashEntry } from "../../versions/trash/trash.ts";
import { showLine } from "../await-plan.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { freeWithRegistry, type RegistryFlag } from "../open-registry.ts";
import { showUnfreed } from "../show-unfreed.ts";
import { showWait } from "../show-wait.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { toEntryJson } from "../trash-entry.ts";
import { writeAnswer } from "../write-answer.ts";

export interface GcFlags extends RegistryFlag {
  keepLast?: number;
  olderThan?: string;
  keepPublished?: number;
  publishedOlderThan?: string;
  yes?: boolean;
  json?: boolean;
}

/** `runweave gc`: says what would go; with `--yes` moves it to the trash. */
export async function collectGarbage(flags: GcFlags): Promise<ExitCode> {
  const { keepLast = null, olderThan = null, yes = false } = flags;
  if (keepLast === null && olderThan === null) {
    const hint = "add --keep-last 5, --older-than 30d, or both: what one of them keeps stays";
    throw new CliError("missing-retention", "gc needs to know what to keep", { hint });
  }
  const retention = { keepLast, since: olderThan };
  return await freeWithRegistry<ExitCode>(flags, "gc", (registry, folders) =>
    withRemoteStorage<ExitCode>(folders, async (remote) => {
      refuseMoved({ registry, folders }, "gc");
      const context = { folders, registry, clock: systemClock, remote, onWait: showWait, onUnfreed: showUnfreed };
      const planned = await showing("looking for old data …", () => planCollection(context, retention));
      const plan = yes ? await carryOut(context, planned, retention) : planned;
      const copies = await removeCopies(context, flags);
      const trash = measureTrash(folders);
      if (flags.json) writeAnswer("gc", { ...toJson(plan, yes), published_copies: toCopiesJson(copies), trash });
      else writeLines(process.stdout, [...describe(plan, yes), ...tellCopies(copies, flags), tellTrash(trash)]);
      const told = [
        ...plan.unreachable.map(({ run_id, message }) => `not collected: ${run_id}: ${message}`),
        ...copies.undeleted.map(({ id, message }) => `not deleted, or not all of it: ${id}: ${message}`),
      ];
      writeLines(process.stderr, told.map(cleanText));
      return told.length === 0 ? 0 : 3;
    }),
  );
}

/** Copies of what publications replaced, by what becomes of them. */
interface Copies extends JudgedCopies {
  undeleted: Undeleted[];
}

/** Deletes the copies that are past their retention; without `--yes`, finds them. */
async function removeCopies(context: RemoteTrashContext, flags: GcFlags): Promise<Copies> {
  const since = flags.publishedOlderThan ?? formatTime(context.clock.now() - COPY_AGE_MS);
  const { expired, kept } = judgeCopies(context, { keepLast: flags.keepPublished ?? COPIES_KEPT, since });
  if (!flags.yes || expired.length === 0) return { expired, kept, undeleted: [] };
  const undeleted = await showing(`deleting ${expired.length} copies …`, () => emptyTrash(context, expired));
  const staying = new Set(undeleted.map(({ id }) => id));
  const isGone = ({ manifest }: TrashEntry) => !staying.has(manifest.id);
  return { expired: expired.filter(isGone), kept: [...kept, ...expired.filter((entry) => !isGone(entry))], undeleted };
}

function toCopiesJson({ expired, kept }: Copies) {
  return { expired: expired.map(toEntryJson), bytes: bytesOf(expired), kept: kept.length, kept_bytes: bytesOf(kept) };
}

function tellCopies({ expired, kept }: Copies, { yes = false }: GcFlags): string[] {
  if (expired.length + kept.length === 0) return [];
  const verb = yes ? "deleted" : "would delete";
  const gone = `${verb} ${tellSize(expired)}`;
  return [`copies of what publications replaced: ${expired.length === 0 ? "" : `${gone}; `}kept ${tellSize(kept)}`];
}

/** All that the trash holds by now. */
function measureTrash({ trash }: StateLocation): { entries: number; bytes: number | null } {
  const { entries } = listTrash(trash);
  return { entries: entries.length, bytes: bytesOf(entries) };
}

function tellTrash({ entries, bytes }: ReturnType<typeof measureTrash>): string {
  return `the trash holds ${entries} ${entries === 1 ? "entry" : "entries"}, ${formatBytes(bytes)}`;
}

function tellSize(entries: readonly TrashEntry[]): string {
  return `${entries.length}, ${formatBytes(bytesOf(entries))}`;
}

function bytesOf(entries: readonly TrashEntry[]): number | null {
  return countBytes(entries.flatMap(({ manifest }) => manifest.items));
}

/** What became of a plan: what could not be moved has not gone. */
async function carryOut(
  context: RemoteTrashContext,
  plan: CollectionPlan,
  retention: Retention,
): Promise<CollectionPlan> {
  const { goes } = plan;
  const stays = await showing(`collecting ${goes.length} runs …`, () => collect(context, { goes, retention }));
  const staying = new Set([...stays.unreachable, ...stays.kept].map(({ run_id }) => run_id));
  return {
    ...plan,
    goes: goes.filter(({ run_id }) => !staying.has(run_id)),
    kept: [...plan.kept, ...stays.kept],
    unreachable: [...plan.unreachable, ...stays.unreachable],
  };
}

/** A line while it goes on, on a terminal. */
async function showing<T>(text: string, work: () => Promise<T>): Promise<T> {
  const dropLine = showLine(text, process.stderr);
  try {
    return await work();
  } finally {
    dropLine();
  }
}

function toJson({ goes, kept, elsewhere, unreachable }: CollectionPlan, collected: boolean) {
  const bytes = countBytes(goes);
  return { collected, bytes, goes, kept, kept_by_rule: countRules(kept), elsewhere, unreachable };
}

function describe({ goes, kept, elsewhere }: CollectionPlan, isDone: boolean): string[] {
  const bytes = countBytes(goes);
  const rows = goes.map(({ run_id: id, run, time, reason, bytes }) => ({ id, run, time, reason, bytes }));
  const rules = Object.entries(countRules(kept)).map(([rule, count]) => `${count} ${rule}`);
  const what = `${goes.length} ${goes.length === 1 ? "run" : "runs"}, ${formatBytes(bytes)}`;
  const hint = isDone ? "`runweave trash empty` frees the space" : "`--yes` moves it to the trash";
  return [
    ...(goes.length === 0 ? [] : [...renderTrash(rows, lookOf(process.stdout)), ""]),
    ...(goes.length === 0 ? ["nothing to collect"] : [`${isDone ? "collected" : "would collect"} ${what}; ${hint}`]),
    `kept ${kept.length}${rules.length === 0 ? "" : `: ${rules.join(", ")}`}`,
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.length} more could be collected, but hold no data`]),
  ];
}
