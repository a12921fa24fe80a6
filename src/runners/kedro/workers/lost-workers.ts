import { lstatSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { StateFolders } from "../../../core/port/runner.ts";
import type { LostProcess } from "../../../core/port/worker-upkeep.ts";
import { makerOfTemporary } from "../../../core/text/temporary-name.ts";
import { listPids } from "../../../processes/group.ts";
import { identifyProcess, type ProcessIdentity } from "../../../processes/identity.ts";
import { listensAt } from "../../../processes/listens-at.ts";
import { readProcLink } from "../../../processes/read-proc.ts";
import { isWorker } from "../../../processes/run-mark.ts";
import { endGroup } from "../../../processes/signals.ts";
import { forgetGone, isRecorded, listDamaged, waitingPath, workerRecords } from "./worker-records.ts";

type Place = Pick<StateFolders, "root" | "logs">;

const GRACE_MS = 1_000;

type LostWorker = LostProcess & ProcessIdentity;

/**
 * Finds the workers of a state folder that wait for a session, and whose record is damaged or gone; with them, what is in the place of
 * other records. Each worker is known by the mark in its environment, by its log, and by the socket at which it waits: a busy one has none.
 */
export function findLost({ root, logs }: Place): { workers: LostWorker[]; damaged: string[] } {
  const records = workerRecords({ root });
  const folder = realPath(logs);
  const waits = (pid: number) => listensAt(pid, (name) => makerOfTemporary(name) === pid);
  // Records are looked at last: a worker may be taken, or kept, in the same moment.
  const workers = listPids()
    .filter((pid) => isLogIn(folder, pid) && isWorker(pid) && waits(pid))
    .map(identifyProcess)
    .filter((worker) => !isRecorded(records, worker))
    .map((worker) => ({ ...worker, record: waitingPath(records, worker) }));
  const known = new Set(workers.map(({ record }) => record));
  return { workers, damaged: listDamaged(records).filter((path) => !known.has(path)) };
}

/** Ends these workers, and removes what is left of records, those of workers that are gone too; a folder stays, as it may hold the user's files. Returns how many ended. */
export async function endLost(place: Place): Promise<number> {
  const { workers, damaged } = findLost(place);
  await Promise.all(workers.map((worker) => endGroup(worker, GRACE_MS)));
  for (const path of [...damaged, ...workers.map(({ record }) => record)]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(path, { force: true });
  }
  forgetGone(workerRecords(place));
  return workers.length;
}

/** Tells whether a process prints to the log of a worker in this folder. */
function isLogIn(logs: string, pid: number): boolean {
  const log = readProcLink(`/proc/${pid}/fd/1`) ?? "";
  return dirname(log) === logs && basename(log).startsWith("worker_");
}
/** A path as /proc names it. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
