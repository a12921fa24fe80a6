import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { listFew } from "../../core/text/list-few.ts";
import { readRecord } from "../../processes/read-record.ts";
import { formatBytes } from "../../report/text/duration.ts";
import { idOfDropped, isDropped, reasonPath } from "../../versions/trash/dropped-entries.ts";
import { isUnborn, type TrashEntry } from "../../versions/trash/trash.ts";
import { isTrashId, itemPath, TrashFaultError } from "../../versions/trash/trash-manifest.ts";
import { judgeEntry } from "../home/judge-entry.ts";
import { readPresent } from "../trash/present-entries.ts";
import { isCopy } from "../trash/published-copies.ts";
import { isRecorded } from "../trash/restore-trash.ts";
import { type Finding, findingOk, findingWarn } from "./finding.ts";
import { listNames } from "./list-names.ts";
import type { StatePlace } from "./state-check.ts";

const MAX_ENTRIES = 2_000;
const WHAT = "trash";
/** Bytes of a reason that are shown. */
const MOST_TOLD = 5_000;
const LOOK = "look at it, and remove it by hand: no command touches an entry that it can't read";

/** Entries of the trash that are no entries, that the registry does not know, or that were left by half; and how much it holds. */
export function checkTrash(place: StatePlace): Finding[] {
  const { trash } = place.state;
  const context = { registry: place.registry, folders: place.state };
  // A trash that is no folder is found among the folders.
  if (statSync(trash, { throwIfNoEntry: false })?.isDirectory() === false) return [];
  const { names, isCut } = listNames(trash, MAX_ENTRIES);
  const dropped = names.filter(isDropped);
  const faults: string[] = [];
  const entries: TrashEntry[] = [];
  for (const name of names) {
    if (dropped.includes(name) || isUnborn(join(trash, name))) continue;
    const read = tryRead(place, name);
    if (typeof read === "string") faults.push(read);
    else entries.push(read);
  }
  const unknown = entries.filter((entry) => judgeEntry(context, entry) === "unknown");
  const halves = entries.filter((entry) => !unknown.includes(entry) && isHalf(place, entry));
  return [
    ...faults.map((fault) => findingWarn(WHAT, `not an entry: ${fault}`, LOOK)),
    ...describeUnknown(unknown),
    ...halves.map((entry) =>
      findingWarn(WHAT, `${entry.manifest.id} is half moved: ${describeHalf(entry)}`, describeGoOn(entry.manifest.id)),
    ),
    ...describeDropped(trash, dropped),
    ...describeSize(entries, isCut),
  ];
}

function tryRead({ registry, state }: StatePlace, name: string): TrashEntry | string {
  try {
    return isTrashId(name)
      ? readPresent({ registry, folders: state }, name)
      : `${join(state.trash, name)} has no name of ours`;
  } catch (error) {
    if (error instanceof TrashFaultError) return error.message;
    throw error;
  }
}

/** A marker says that a copy is whole at one place while the other is still being removed. */
function isHalf({ registry }: StatePlace, entry: TrashEntry): boolean {
  const { folder, manifest } = entry;
  const local = manifest.items.filter(({ kind }) => kind !== "remote");
  const isMarked = local.some(
    ({ name }) => isThere(join(folder, `${name}.in`)) || isThere(join(folder, `${name}.out`)),
  );
  if (isMarked) return true;
  if (local.some(({ name }) => isThere(join(folder, "items", `.${name}.moving`)))) return true;
  if (manifest.cause !== "gc" && manifest.cause !== "cleanup") return false;
  if (!isRecorded(registry, entry)) return entry.held.length < manifest.items.length;
  return local.some((item) => !isThere(itemPath(folder, item)) && isThere(item.original));
}

/** A removal that failed has left its reason in the marker. */
function describeHalf({ folder, manifest }: TrashEntry): string {
  const markers = manifest.items.flatMap(({ name }) => [join(folder, `${name}.in`), join(folder, `${name}.out`)]);
  return markers.map(readReason).find((reason) => reason !== "") ?? "a command is moving it now, or was interrupted";
}

/** Empty if there is none, or none that can be read. */
function readReason(path: string): string {
  try {
    return (readRecord(path) ?? "").slice(0, MOST_TOLD);
  } catch {
    return "";
  }
}

function describeGoOn(id: string): string {
  return `\`runweave trash restore ${id}\` restores all of it, \`runweave trash empty ${id} --yes\` deletes it; what \`gc\` began, the next \`gc --yes\` finishes`;
}

function describeUnknown(entries: readonly TrashEntry[]): Finding[] {
  if (entries.length === 0) return [];
  const what = `the registry does not know ${entries.length === 1 ? "1 entry" : `${entries.length} entries`}`;
  const hint =
    "they stay: the registry is older than they are, or they are of another one; `runweave trash empty ID --yes` deletes one";
  return [findingWarn(WHAT, `${what}: ${listFew(entries.map(({ manifest }) => manifest.id))}`, hint)];
}

/** Entries that a command tried to free, each with the reason, and those that none has tried. */
function describeDropped(trash: string, names: readonly string[]): Finding[] {
  const ids = names.map(idOfDropped);
  const told = ids.map((id) => ({ id, reason: readReason(reasonPath(trash, id)) }));
  const stuck = told.filter(({ reason }) => reason !== "");
  const others = told.length - stuck.length;
  return [
    ...stuck.map(({ id, reason }) =>
      findingWarn(WHAT, `${id} was emptied and still has bytes on the disk: ${reason}`, FREE),
    ),
    ...(others === 0 ? [] : [findingWarn(WHAT, describeOthers(others), FREE)]),
  ];
}

function describeOthers(count: number): string {
  return `${count} that ${count === 1 ? "was" : "were"} emptied still ${count === 1 ? "has" : "have"} bytes on the disk`;
}

const FREE = "`runweave trash empty --older-than 100w --yes` frees them, and deletes nothing else";

function describeSize(entries: readonly TrashEntry[], isCut: boolean): Finding[] {
  if (entries.length === 0) return [];
  const bytes = countBytes(entries);
  const more = isCut ? `, and more: counting stopped after ${MAX_ENTRIES}` : "";
  return [
    findingOk(
      WHAT,
      `${entries.length} ${entries.length === 1 ? "entry" : "entries"}, ${formatBytes(bytes)}${more}${describeCopies(entries)}`,
    ),
  ];
}

/** The part of it that publications replaced, which `gc` deletes once it is old. */
function describeCopies(entries: readonly TrashEntry[]): string {
  const copies = entries.filter(isCopy);
  const many = copies.length === 1 ? "1 is a copy" : `${copies.length} are copies`;
  return copies.length === 0 ? "" : `; ${many} of what publications replaced, ${formatBytes(countBytes(copies))}`;
}

function countBytes(entries: readonly TrashEntry[]): number {
  return entries.flatMap(({ manifest }) => manifest.items).reduce((sum, item) => sum + (item.bytes ?? 0), 0);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
