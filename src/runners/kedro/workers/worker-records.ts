import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { StateFolders } from "../../../core/port/runner.ts";
import { nameTemporary } from "../../../core/text/temporary-name.ts";
import { checkProcess, identifySelf, type ProcessIdentity, parseIdentity } from "../../../processes/identity.ts";
import { listensAt } from "../../../processes/listens-at.ts";
import { hasLivingChildren } from "../../../processes/living-children.ts";
import { readJsonRecord } from "../../../processes/read-record.ts";
import { isWorker } from "../../../processes/run-mark.ts";
import { endGroup, listGroup } from "../../../processes/signals.ts";
import { sweepTemporaries, writeFileWhole } from "../../../versions/write-file.ts";
import { hasShape, isText } from "../../shape.ts";

interface WorkerRecord {
  worker: ProcessIdentity;
  /** The orchestrator that has it now. */
  orchestrator: ProcessIdentity;
  /** The orchestrator that started it, which the worker names itself. */
  starter: ProcessIdentity;
  /** Facts of a worker that waits for the next session. */
  kept: Waiting | null;
}

/** Facts by which a session finds a worker that waits for it. */
export interface Waiting {
  /** Key of the project, its Python, environment and configuration: equal for equal ones. */
  project: string;
  /** Fingerprint of the project's sources when the worker was started. */
  sources: string;
  socket: string;
  /** ISO. */
  until: string;
}

/** A worker that waits for the next session, with the file that says so. */
export interface WaitingWorker extends Waiting {
  path: string;
  worker: ProcessIdentity;
  starter: ProcessIdentity;
}

const isWaiting = hasShape<Waiting>({ project: isText, sources: isText, socket: isText, until: isText });

/** A worker whose orchestrator is gone ends by itself once its runs have: one that has not after so long hangs. */
const PATIENCE_MS = 5_000;
const POLL_MS = 50;
/** Ending of the name of a record, for a worker that waits for a session. */
const WAITING = "-waiting";
/** Name of a record: a pid, with that ending or without. */
const RECORD = /^\d+(-waiting)?$/;

/** Folder in which workers are remembered while they live. */
export function workerRecords({ root }: Pick<StateFolders, "root">): string {
  return join(root, "workers");
}

/** Remembers a worker, so that it is found though its orchestrator be killed. Returns what forgets it. */
export function recordWorker(
  folder: string,
  worker: ProcessIdentity,
  { starter = identifySelf() }: { starter?: ProcessIdentity | undefined } = {},
): () => void {
  const path = recordPath(folder, worker);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileWhole(path, JSON.stringify({ worker, orchestrator: identifySelf(), starter }));
  return () => rmSync(path, { force: true });
}

/**
 * Remembers that a worker waits for the next session, under a name that one session can take away. Returns the path of the record,
 * and what undoes it.
 */
export function noteWaiting(folder: string, worker: ProcessIdentity, kept: Waiting): { record: string; undo(): void } {
  const [working, record] = [recordPath(folder, worker), waitingPath(folder, worker)];
  const starter = readRecord(working)?.starter ?? identifySelf();
  writeFileWhole(record, JSON.stringify({ worker, orchestrator: identifySelf(), starter, kept }));
  rmSync(working, { force: true });
  return { record, undo: () => void takeWaiting(folder, { ...kept, path: record, worker, starter }) };
}

/** Path of the record of a worker that waits. */
export function waitingPath(folder: string, { pid }: ProcessIdentity): string {
  return join(folder, `${pid}${WAITING}`);
}

function recordPath(folder: string, { pid }: ProcessIdentity): string {
  return join(folder, String(pid));
}

/**
 * A path for the socket of a worker, in the folder of their records, which only this user may enter. A kill may leave it until the
 * process with the given pid is gone.
 */
export function nameSocket(folder: string, pid = process.pid): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, nameTemporary("worker", { pid, digits: randomBytes(4).toString("hex") }));
}

/** The workers that wait for a session indeed: a record may be forged, and name one that is busy for a living session. */
export function listWaiting(folder: string): WaitingWorker[] {
  return listNames(folder).flatMap((name) => readWaiting(join(folder, name)) ?? []);
}

/** Tells whether a session finds this worker: it waits, or is busy for a session that has taken it. */
export function isRecorded(folder: string, worker: ProcessIdentity): boolean {
  const isWaiting = () => readWaiting(waitingPath(folder, worker))?.worker.start_time === worker.start_time;
  const isBusy = () => readRecord(recordPath(folder, worker))?.worker.start_time === worker.start_time;
  // The last look is for a worker that was taken and kept again during the first two.
  return isWaiting() || isBusy() || isWaiting();
}

/** Lists what is in the place of a record and is none: a file that is cut, empty or foreign, a link, a pipe or a folder. */
export function listDamaged(folder: string): string[] {
  const paths = listNames(folder)
    .filter((name) => RECORD.test(name))
    .map((name) => join(folder, name));
  return paths.filter((path) => {
    const record = readRecord(path);
    const isWhole =
      record !== null && path === (record.kept === null ? recordPath : waitingPath)(folder, record.worker);
    // A worker that has ended meanwhile has taken its record along.
    return !isWhole && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  });
}

function readWaiting(path: string): WaitingWorker | null {
  const record = readRecord(path);
  if (record === null || record.kept === null || path !== waitingPath(dirname(path), record.worker)) return null;
  const { worker, starter, kept } = record;
  const waits = checkProcess(worker) === "alive" && isWorker(worker.pid, starter) && listensAt(worker.pid, isOf(kept));
  return waits ? { ...kept, path, worker, starter } : null;
}

function isOf({ socket }: Waiting): (name: string) => boolean {
  return (name) => name === basename(socket);
}

function listNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * Takes a worker that waits: null if another session was faster. From then on it is this process's, and it is found as such though
 * this one be killed at any moment. Returns what forgets it.
 */
export function takeWaiting(folder: string, { path, worker, starter }: WaitingWorker): (() => void) | null {
  try {
    renameSync(path, recordPath(folder, worker));
  } catch {
    return null;
  }
  return recordWorker(folder, worker, { starter });
}

/** Ends the workers that an orchestrator which is gone has left, and that neither have a run any more nor end by themselves. */
export async function endHungWorkers(folder: string): Promise<void> {
  sweepTemporaries(folder);
  await Promise.all(listNames(folder).map((name) => endHungWorker(join(folder, name))));
}

async function endHungWorker(path: string): Promise<void> {
  const record = readRecord(path);
  if (record === null) return;
  const { worker } = record;
  if (path.endsWith(WAITING)) {
    if (checkProcess(worker) === "gone") rmSync(path, { force: true });
    if (isStillKept(record)) return;
  }
  if (!isLeft(record) || !isProven(record)) return;
  const end = performance.now() + PATIENCE_MS;
  while (checkProcess(worker) === "alive" && performance.now() < end) {
    if (hasLivingChildren(worker.pid)) return;
    await delay(POLL_MS);
  }
  // A session may have taken it meanwhile.
  if (readRecord(path)?.orchestrator.pid !== record.orchestrator.pid) return;
  await endGroup(worker, 0);
  rmSync(path, { force: true });
}

/** Removes the records of workers that are gone with the processes that had them, and of which nothing lives. */
export function forgetGone(folder: string): void {
  for (const path of listNames(folder).map((name) => join(folder, name))) {
    const record = readRecord(path);
    if (record === null || checkProcess(record.worker) !== "gone" || !isLeft(record)) continue;
    if (listGroup(record.worker).length === 0) rmSync(path, { force: true });
  }
}

/** True if neither the process that started the worker nor the one that took it over has it any more. */
function isLeft({ orchestrator, starter }: WorkerRecord): boolean {
  return [orchestrator, starter].every((process) => checkProcess(process) === "gone");
}

/** True if a worker that waits for a session may still do so. */
function isStillKept({ kept }: WorkerRecord): boolean {
  return kept !== null && Date.now() < Date.parse(kept.until) + PATIENCE_MS;
}

/** A record is no more than what its writer says: what it names has to be such a worker itself, or what is left of one's group. */
function isProven({ worker, starter }: WorkerRecord): boolean {
  const left = checkProcess(worker) === "gone" ? listGroup(worker) : [worker];
  return left.length === 0 || left.some(({ pid }) => isWorker(pid, starter));
}

/** Null of a file that is none, or not there any more. */
function readRecord(path: string): WorkerRecord | null {
  const told = (readJsonRecord(path) ?? {}) as Record<string, unknown>;
  const [worker, orchestrator] = [parseIdentity(told.worker), parseIdentity(told.orchestrator)];
  if (worker === null || orchestrator === null) return null;
  const kept = isWaiting(told.kept) ? told.kept : null;
  return { worker, orchestrator, starter: parseIdentity(told.starter) ?? orchestrator, kept };
}
