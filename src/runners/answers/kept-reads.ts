import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type Guard, hasShape, isListOf, isRecordOf, isText } from "../shape.ts";
import { findsSame, hashFile, lookAgain } from "./look-again.ts";
import { isModuleSearch, type ModuleSearch, type ReadRow, type ToldReads } from "./told-reads.ts";

/** A row, with the SHA-256 of a file that may have another mark as long as its content is the same. */
type KeptRow = readonly [how: string, path: string, found: string, hash?: string];

/** All that an answer came from, as it is kept. */
export interface KeptReads {
  rows: KeptRow[];
  searches: Record<string, ModuleSearch>;
  /** Files of Python and of installed packages, by folder, and one digest of all their marks. */
  libraries: { files: Record<string, string[]>; digest: string };
}

const isKeptRow: Guard<KeptRow> = (value): value is KeptRow =>
  Array.isArray(value) && (value.length === 3 || value.length === 4) && value.every(isText);
export const isKeptReads = hasShape<KeptReads>({
  rows: isListOf(isKeptRow),
  searches: isRecordOf(isModuleSearch),
  libraries: hasShape<KeptReads["libraries"]>({ files: isRecordOf(isListOf(isText)), digest: isText }),
});

/** Age below which a file may change again within the resolution of its times: its mark is not reliable then. */
const SETTLED_AFTER_MS = 2_000;
/**
 * Time before a read in which a change may have happened during the read: the content that was read is unknown then.
 */
const READ_AFTER_MS = 50;
const NS_PER_MS = 1e6;
/** Bytes of the largest file that is compared by its content. */
const MAX_HASHED_BYTES = 16 << 20;

/**
 * Reads of a worker, in the form that is kept; null if files changed so late that the content that was read is unknown.
 */
export function keepReads({ since_ms: startedMs, rows, searches }: ToldReads): KeptReads | null {
  const [own, ofLibraries] = [rows.filter(([how]) => how !== "library"), rows.filter(([how]) => how === "library")];
  if (ofLibraries.some((row) => changedMs(row) > startedMs - SETTLED_AFTER_MS)) return null;
  if (own.some((row) => changedMs(row) > startedMs - READ_AFTER_MS)) return null;
  const kept = own.map((row) => keepRow(row, startedMs));
  if (kept.includes(null)) return null;
  const files: Record<string, string[]> = {};
  for (const [, path] of ofLibraries) {
    const folder = dirname(path);
    files[folder] ??= [];
    files[folder].push(basename(path));
  }
  const marks = ofLibraries.map(([, path, found]) => [path, found] as const);
  return { rows: kept.filter((row) => row !== null), searches, libraries: { files, digest: digestMarks(marks) } };
}

/** Tells whether a worker that read all this again would find what it found. */
export function areSame({ rows, searches, libraries }: KeptReads): boolean {
  return (
    rows.every(isSame) &&
    Object.entries(searches).every(([folder, search]) => findsSame(folder, search)) &&
    digestMarks(listLibraries(libraries.files)) === libraries.digest
  );
}

function isSame([how, path, found, hash]: KeptRow): boolean {
  if (lookAgain(how, path) === found) return true;
  return hash !== undefined && lookAgain("hash", path) === hash;
}

function keepRow(row: ReadRow, startedMs: number): KeptRow | null {
  const [how, path, found] = row;
  const changed = changedMs(row);
  if (how !== "content" || changed === Number.NEGATIVE_INFINITY) return row;
  const hash = isSmall(path) ? hashFile(path) : null;
  // The present content may differ from the one that was read.
  const isAsRead = lookAgain(how, path) === found;
  if (changed <= startedMs - SETTLED_AFTER_MS) return hash !== null && isAsRead ? [how, path, found, hash] : row;
  return hash !== null && isAsRead ? ["hash", path, hash] : null;
}

/** Time of the last change of a row's file, by the clock that users can't set; minus infinity for a missing file. */
function changedMs([how, , found]: ReadRow): number {
  const ofMark = how === "content" || how === "library" || how === "stat" ? found.split(":") : [];
  return ofMark.length < 5 ? Number.NEGATIVE_INFINITY : Number(ofMark[4]) / NS_PER_MS;
}

function isSmall(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.size <= MAX_HASHED_BYTES;
}

function* listLibraries(files: Readonly<Record<string, readonly string[]>>): Iterable<readonly [string, string]> {
  for (const [folder, names] of Object.entries(files)) {
    for (const name of names) {
      // The path is not normalised: a folder on the way may be a link.
      const path = `${folder}/${name}`;
      yield [path, lookAgain("library", path) ?? ""];
    }
  }
}

/** Digests marks in the order of their paths: by folders, they come in another one. */
function digestMarks(marks: Iterable<readonly [string, string]>): string {
  const lines = [...marks].map(([path, mark]) => `${path}\0${mark}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}
