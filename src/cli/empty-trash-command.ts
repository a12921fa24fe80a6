import { refuseMoved } from "../compose/home/home-state.ts";
import { type EntryStanding, judgeEntry } from "../compose/home/judge-entry.ts";
import type { StateLocation } from "../compose/locate-state.ts";
import { countBytes } from "../compose/trash/discard-attempt.ts";
import { emptyTrash, type Undeleted } from "../compose/trash/empty-trash.ts";
import { withRemoteStorage } from "../compose/trash/open-remote-storage.ts";
import { systemClock } from "../core/port/clock.ts";
import type { Registry } from "../core/port/registry.ts";
import { renderTrash } from "../report/result/trash-table.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { formatBytes } from "../report/text/duration.ts";
import { listTrash, type TrashEntry } from "../versions/trash/trash.ts";
import { CliError, type ExitCode } from "./errors.ts";
import { freeWithRegistry, type RegistryFlag } from "./open-registry.ts";
import { showUnfreed } from "./show-unfreed.ts";
import { showWait } from "./show-wait.ts";
import { tellStorage } from "./tell-storage.ts";
import { lookOf, writeLines } from "./terminal.ts";
import { findEntryById, toEntryJson, toTrashRow } from "./trash-entry.ts";
import { writeAnswer } from "./write-answer.ts";

export interface EmptyFlags extends RegistryFlag {
  olderThan?: string;
  yes?: boolean;
  json?: boolean;
}

/** Entries that are deleted, and entries that stay though they are old enough. */
interface Emptying {
  goes: TrashEntry[];
  /** Entries that the registry does not know: only their own names delete them. */
  unknown: TrashEntry[];
  /** Entries that lie in part in the trash of a storage which another state folder uses too. */
  elsewhere: TrashEntry[];
}

/** `runweave trash empty [ID]`. */
export async function emptyByCommand(id: string | undefined, flags: EmptyFlags): Promise<ExitCode> {
  const { yes = false, registry: flag } = flags;
  return await freeWithRegistry<ExitCode>({ registry: flag }, "trash empty", async (registry, folders) => {
    refuseMoved({ registry, folders }, "trash empty");
    const all = listTrash(folders.trash).entries;
    const judge = (entry: TrashEntry) => judgeEntry({ registry, folders }, entry);
    const emptying = id === undefined ? chooseOld(all, judge, flags.olderThan) : chooseNamed(all, judge, id);
    const undeleted = yes ? await deleteAll({ registry, folders }, emptying.goes) : [];
    const staying = new Set(undeleted.map(({ id }) => id));
    const goes = emptying.goes.filter(({ manifest }) => !staying.has(manifest.id));
    tellEmptying({ ...emptying, goes }, undeleted, flags);
    return undeleted.length === 0 ? 0 : 3;
  });
}

async function deleteAll(
  { registry, folders }: { registry: Registry; folders: StateLocation },
  entries: readonly TrashEntry[],
): Promise<Undeleted[]> {
  const told = { clock: systemClock, onWait: showWait, onUnfreed: showUnfreed };
  try {
    return await withRemoteStorage(folders, (remote) => emptyTrash({ folders, registry, remote, ...told }, entries));
  } catch (error) {
    throw tellStorage(error);
  }
}

function chooseOld(
  entries: readonly TrashEntry[],
  judge: (entry: TrashEntry) => EntryStanding,
  olderThan: string | undefined,
): Emptying {
  const old = entries.filter(({ manifest }) => olderThan === undefined || manifest.time < olderThan);
  const by = Map.groupBy(old, judge);
  return { goes: by.get("known") ?? [], unknown: by.get("unknown") ?? [], elsewhere: by.get("elsewhere") ?? [] };
}

/** Chooses an entry by its id as it is listed only, because a deletion can't be undone. */
function chooseNamed(
  entries: readonly TrashEntry[],
  judge: (entry: TrashEntry) => EntryStanding,
  id: string,
): Emptying {
  const entry = findEntryById(entries, id);
  if (entry === null) {
    const hint = "`runweave trash list` lists the entries, each by its ID";
    throw new CliError("unknown-entry", `there is no entry "${id}" in the trash`, { hint });
  }
  const isElsewhere = judge(entry) === "elsewhere";
  return { goes: isElsewhere ? [] : [entry], unknown: [], elsewhere: isElsewhere ? [entry] : [] };
}

function tellEmptying(
  { goes, unknown, elsewhere }: Emptying,
  undeleted: readonly Undeleted[],
  { yes = false, json }: EmptyFlags,
): void {
  const bytes = countBytes(goes.flatMap(({ manifest }) => manifest.items));
  const ids = (entries: readonly TrashEntry[]) => entries.map(({ manifest }) => manifest.id);
  if (json) {
    const stays = { unknown: ids(unknown), elsewhere: ids(elsewhere) };
    writeAnswer("trash-empty", {
      deleted: yes,
      bytes,
      entries: goes.map(toEntryJson),
      ...stays,
      not_deleted: undeleted,
    });
    return;
  }
  writeLines(process.stdout, goes.length === 0 ? [] : renderTrash(goes.map(toTrashRow), lookOf(process.stdout)));
  const what = `${count(goes.length)}, ${formatBytes(bytes)}`;
  writeLines(process.stdout, [
    yes ? `deleted ${what}` : `would delete ${what}; \`--yes\` does`,
    ...(unknown.length === 0 ? [] : [`${tellStays(unknown)}: the registry does not know them; ${BY_NAME}`]),
    ...(elsewhere.length === 0 ? [] : [`${tellStays(elsewhere)}: their data lie in the trash of another state folder`]),
  ]);
  const faults = undeleted.map(({ id, message }) => cleanText(`not deleted, or not all of it: ${id}: ${message}`));
  writeLines(process.stderr, faults);
}

const BY_NAME = "`runweave trash list` marks them, and `runweave trash empty ID --yes` deletes one";

function tellStays(entries: readonly TrashEntry[]): string {
  return `${count(entries.length)} ${entries.length === 1 ? "stays" : "stay"}`;
}

function count(number: number): string {
  return `${number} ${number === 1 ? "entry" : "entries"}`;
}
