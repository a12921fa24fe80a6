import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nameTemporary } from "../../../core/text/temporary-name.ts";
import { checkProcess, identifySelf, type ProcessIdentity, parseIdentity } from "../../../processes/identity.ts";
import { hasLivingChildren } from "../../../processes/living-children.ts";
import { readJsonRecord } from "../../../processes/read-record.ts";
import { isWorkerOf } from "../../../processes/run-mark.ts";
import { endGroup, listGroup } from "../../../processes/signals.ts";
import { sweepTemporaries, writeFileWhole } from "../../../versions/write-file.ts";

interface WorkerRecord {
  worker: ProcessIdentity;
  orchestrator: ProcessIdentity;
}

/** A worker whose orchestrator is gone ends by itself once its runs have: one that has not after so long hangs. */
const PATIENCE_MS = 5_000;
const POLL_MS = 50;

/** Remembers a worker, so that it is found though its orchestrator be killed. Returns what forgets it. */
export function recordWorker(folder: string, worker: ProcessIdentity): () => void {
  const path = join(folder, String(worker.pid));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileWhole(path, JSON.stringify({ worker, orchestrator: identifySelf() }));
  return () => rmSync(path, { force: true });
}

/** A path for the socket of a worker, in the folder of their records, which only this user may enter. A kill may leave it. */
export function nameSocket(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, nameTemporary("worker", { pid: process.pid, digits: randomBytes(4).toString("hex") }));
}

/** Ends the workers that an orchestrator which is gone has left, and that neither have a run any more nor end by themselves. */
export async function endHungWorkers(folder: string): Promise<void> {
  sweepTemporaries(folder);
  const paths = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  await Promise.all(paths.map(endHungWorker));
}

async function endHungWorker(path: string): Promise<void> {
  const record = readRecord(path);
  if (record === null || checkProcess(record.orchestrator) !== "gone" || !isProven(record)) return;
  const { worker } = record;
  const end = performance.now() + PATIENCE_MS;
  while (checkProcess(worker) === "alive" && performance.now() < end) {
    if (hasLivingChildren(worker.pid)) return;
    await delay(POLL_MS);
  }
  await endGroup(worker, 0);
  rmSync(path, { force: true });
}

/** A record is no more than what its writer says: what it names has to be such a worker itself, or what is left of one's group. */
function isProven({ worker, orchestrator }: WorkerRecord): boolean {
  const left = checkProcess(worker) === "gone" ? listGroup(worker) : [worker];
  return left.length === 0 || left.some(({ pid }) => isWorkerOf(pid, orchestrator));
}

/** Null of a file that is none, or not there any more. */
function readRecord(path: string): WorkerRecord | null {
  const told = (readJsonRecord(path) ?? {}) as Record<string, unknown>;
  const [worker, orchestrator] = [parseIdentity(told.worker), parseIdentity(told.orchestrator)];
  return worker === null || orchestrator === null ? null : { worker, orchestrator };
}
