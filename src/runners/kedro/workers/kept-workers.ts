import { setTimeout as delay } from "node:timers/promises";
import { formatTime } from "../../../core/port/clock.ts";
import type { KeepOptions } from "../../../core/port/project-agent.ts";
import type { StateFolders } from "../../../core/port/runner.ts";
import { identifyProcess } from "../../../processes/identity.ts";
import { isWithinRun } from "../../../processes/run-mark.ts";
import { endGroup } from "../../../processes/signals.ts";
import { askReads } from "../probe.ts";
import type { ProjectAnswers } from "../project-answers.ts";
import { fingerprintSources } from "../source-fingerprint.ts";
import { joinWorker } from "./join-worker.ts";
import { endLost } from "./lost-workers.ts";
import { keyOf, type WorkerLink, type WorkerProject } from "./spawn-worker.ts";
import type { WorkerProcess } from "./worker-process.ts";
import {
  listWaiting,
  nameSocket,
  noteWaiting,
  takeWaiting,
  type WaitingWorker,
  workerRecords,
} from "./worker-records.ts";

const GRACE_MS = 1_000;
const TAKE_OVER_MS = 5_000;

/** A worker that is ready and idle. */
export interface IdleWorker {
  project: WorkerProject;
  worker: WorkerProcess;
  /** Fingerprint of the project's sources when it was started. */
  fingerprint: string;
}

interface Place {
  folders: StateFolders;
  answers: ProjectAnswers;
  environment: NodeJS.ProcessEnv;
}

/** Workers that outlive their session, and wait for the next one of the same project. */
export class KeptWorkers {
  readonly #place: Place;
  readonly #records: string;
  /** Runs find in their environment which runs they are in: within one, a worker would carry the marks of another. */
  readonly #isWithinRun: boolean;

  constructor(place: Place) {
    this.#place = place;
    this.#records = workerRecords(place.folders);
    this.#isWithinRun = isWithinRun(place.environment);
  }

  /**
   * A worker that an earlier session has kept, and that is what a new one would be; null if there is none. One whose sources have
   * changed is ended, as is one whose record is damaged.
   */
  async take(project: WorkerProject, sources: string): Promise<(WaitingWorker & { link: WorkerLink }) | null> {
    const { folders, answers } = this.#place;
    const records = this.#records;
    if (this.#isWithinRun) return null;
    await endLost(folders);
    for (const waiting of listWaiting(records)) {
      if (waiting.project !== keyOf(project)) continue;
      const isOld = waiting.sources !== sources;
      if (!isOld && !(await answers.isAsNew(project, waiting))) continue;
      const forget = takeWaiting(records, waiting);
      if (forget === null) continue;
      const link = isOld ? null : await joinWorker(waiting.socket, waiting.worker).catch(() => null);
      if (link !== null) return { ...waiting, link };
      await endGroup(waiting.worker, GRACE_MS);
      forget();
    }
    return null;
  }

  /** Lets a worker wait for the next session, if that could tell whether it is still what a new one would be. */
  async keep(idle: IdleWorker, { limitMs, onNote }: KeepOptions & { limitMs: number }): Promise<void> {
    const { project_path } = idle.project;
    const why = this.#isWithinRun ? "this is a run within a run" : await this.#keep(idle, limitMs).catch(String);
    const until = new Date(Date.now() + limitMs).toLocaleTimeString("en-GB");
    if (why === null) onNote(`the worker of ${project_path} waits for the next session until ${until}`);
    else onNote(`the worker of ${project_path} is not kept: ${why}`);
  }

  /** Null if it is kept, else why not. */
  async #keep({ project, worker, fingerprint: sources }: IdleWorker, limitMs: number): Promise<string | null> {
    const { folders, answers } = this.#place;
    const records = this.#records;
    const reads = await askReads(worker, folders.attempts);
    const identity = identifyProcess(worker.pid ?? 0);
    const isSame = fingerprintSources(project.project_path, project.conf_source) === sources && !worker.isOutdated;
    if (!isSame) return "its sources have changed";
    const socket = nameSocket(records, identity.pid);
    if (!answers.vouch(project, { worker: identity, sources, socket }, reads))
      return (
        reads.reasons[0] ?? "files that it has read have just changed, or it has asked for a variable of the terminal"
      );
    const until = formatTime(Date.now() + limitMs);
    const { record, undo } = noteWaiting(records, identity, { project: keyOf(project), sources, socket, until });
    const reply = await worker.request("keep", { socket, limit_s: limitMs / 1000, record });
    if (!reply.ok) {
      undo();
      return reply.error.message;
    }
    worker.release();
    return null;
  }
}

/** Lets a worker of an earlier session take over this one's variables; false if it does not answer in time. */
export async function takeOver(worker: WorkerProcess, variables: NodeJS.ProcessEnv): Promise<boolean> {
  const impatience = new AbortController();
  const late = delay(TAKE_OVER_MS, false, { signal: impatience.signal }).catch(() => false);
  const taken = worker.ready.then(() => worker.request("variables", { variables })).then(({ ok }) => ok);
  const isOurs = await Promise.race([taken.catch(() => false), late]);
  impatience.abort();
  return isOurs;
}

/** Ends all workers that wait for a session, those whose record is damaged too. Returns how many there were. */
export async function endWaiting(folders: Pick<StateFolders, "root" | "logs">): Promise<number> {
  const records = workerRecords(folders);
  const ended = listWaiting(records).map(async (waiting) => {
    const forget = takeWaiting(records, waiting);
    if (forget === null) return 0;
    await endGroup(waiting.worker, GRACE_MS);
    forget();
    return 1;
  });
  return (await Promise.all([...ended, endLost(folders)])).reduce((sum: number, each) => sum + each, 0);
}
