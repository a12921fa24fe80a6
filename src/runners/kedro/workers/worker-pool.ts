import { createHash } from "node:crypto";
import { join } from "node:path";
import { environmentError } from "../../../core/error/environment-error.ts";
import type { PhaseClock } from "../../../core/phase-clock.ts";
import { identifyProcess, type ProcessIdentity } from "../../../processes/identity.ts";
import { logLength } from "../../../processes/log-file.ts";
import { markWorker } from "../../../processes/run-mark.ts";
import { fingerprintSources } from "../source-fingerprint.ts";
import { orAnother } from "./ask-worker.ts";
import { type IdleWorker, takeOver } from "./kept-workers.ts";
import { keyOf, type WorkerLink, type WorkerMode, type WorkerProject, workerVariables } from "./spawn-worker.ts";
import { startWorker, WorkerProcess } from "./worker-process.ts";
import { nameSocket, recordWorker, type WaitingWorker } from "./worker-records.ts";

export interface WorkerPoolOptions {
  /** The folder of the Python package. */
  workerFolder: string;
  environment: NodeJS.ProcessEnv;
  logs: string;
  /** Folder in which workers are remembered while they live. */
  records: string;
  onBell(): void;
  /** Time after which an unused worker is ended, in milliseconds. */
  idleMs?: number;
  /** True if each run of a project is to have a fresh process. */
  isCold(project: WorkerProject): boolean;
  /** Takes a worker that an earlier session has kept for this project and these sources; null if there is none. */
  takeWaiting?(project: WorkerProject, sources: string): Promise<(WaitingWorker & { link: WorkerLink }) | null>;
  /** Told while a worker is started. */
  phases?: PhaseClock | undefined;
}

const IDLE_MS = 120_000;

interface Kept {
  project: WorkerProject;
  mode: WorkerMode;
  /** Known as soon as it is opened. */
  worker: WorkerProcess | null;
  opening: Promise<WorkerProcess>;
  fingerprint: string;
  usedMs: number;
}

/** The workers of all projects: one zygote each, or where fork is not safe a spare process that is used once. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  /** Zygotes and spares, by project and mode. */
  readonly #kept = new Map<string, Kept>();
  readonly #all = new Set<WorkerProcess>();
  /** The workers that were forked from another one, which holds what they share. */
  readonly #elders = new Map<WorkerProcess, WorkerProcess>();
  /** Projects whose zygote said that it must not fork. */
  readonly #unsafe = new Set<string>();
  readonly #neverFork: boolean;
  readonly #idleMs: number;
  readonly #watch: NodeJS.Timeout;
  #isClosed = false;
  /** Ends workers of a process that ends without closing its pool: a zygote then ends its runs, and itself. */
  readonly #endAll = () => {
    for (const worker of this.#all) worker.signal("SIGTERM");
  };

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#watch = setInterval(() => this.#closeIdle(), this.#idleMs / 4).unref();
    process.on("exit", this.#endAll);
    this.#neverFork = options.environment.RUNWEAVE_START_METHOD === "spawn";
  }

  /** A worker that answers probes, not necessarily ready. */
  async forProbe(project: WorkerProject): Promise<WorkerProcess> {
    return await this.#keep(project, this.#neverFork ? "once" : "fork");
  }

  /** Lets a project be imported for runs that will come. Throws as `forRun` does. */
  async expect(project: WorkerProject): Promise<void> {
    const isForked = !this.#neverFork && !this.#unsafe.has(keyOf(project)) && !this.#options.isCold(project);
    await this.#keep(project, isForked ? "fork" : "once");
  }

  /** A ready worker to start one run on: another one if the first is lost before. Throws EnvironmentError, ProjectError. */
  async forRun(project: WorkerProject): Promise<WorkerProcess> {
    return await orAnother(() => this.#findReady(project));
  }

  async #findReady(project: WorkerProject): Promise<WorkerProcess> {
    const key = keyOf(project);
    if (!this.#neverFork && !this.#unsafe.has(key) && !this.#options.isCold(project)) {
      const zygote = await this.#keep(project, "fork");
      await zygote.ready;
      if (zygote.isForkSafe) return zygote;
      this.#unsafe.add(key);
    }
    const opening = this.#keep(project, "once");
    this.#kept.delete(`once ${key}`);
    const spare = await opening;
    // The next one imports the project while this one runs.
    await this.#keep(project, "once");
    await spare.ready;
    return spare;
  }

  /** Workers that could serve another session: those of one environment alone, after the others of their project have ended. */
  async listIdle(): Promise<IdleWorker[]> {
    await Promise.all([...this.#elders.keys()].map((sibling) => sibling.close()));
    return [...this.#kept.values()].flatMap(({ mode, worker, project, fingerprint }) => {
      if (mode !== "fork" || worker === null || worker.isGone || worker.isOutdated) return [];
      return worker.idleMs > 0 && worker.isForkSafe ? [{ project, worker, fingerprint }] : [];
    });
  }

  /** Ends all workers; their runs should have ended before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const opening = [...this.#kept.values()].map((kept) => kept.opening);
    this.#kept.clear();
    await Promise.all([...this.#all].map((worker) => worker.close()));
    // Some of those that were being forked may have come meanwhile.
    await Promise.allSettled(opening);
    await Promise.all([...this.#all].map((worker) => worker.close()));
    process.off("exit", this.#endAll);
  }

  #closeIdle(): void {
    const elders = new Set(this.#elders.values());
    for (const [key, { worker, usedMs }] of this.#kept) {
      if (worker === null || elders.has(worker)) continue;
      // The run that was given the worker may not have asked it yet.
      if (Math.min(worker.idleMs, performance.now() - usedMs) < this.#idleMs) continue;
      this.#kept.delete(key);
      void worker.close();
    }
  }

  /** The worker kept for a project, or a new one if there is none, it has ended, or the sources have changed since. */
  #keep(project: WorkerProject, mode: WorkerMode): Promise<WorkerProcess> {
    const key = `${mode} ${keyOf(project)}`;
    const fingerprint = fingerprintSources(project.project_path, project.conf_source);
    const kept = this.#kept.get(key);
    if (kept !== undefined && !kept.worker?.isGone) {
      kept.usedMs = performance.now();
      if (kept.fingerprint === fingerprint && !kept.worker?.isOutdated) return kept.opening;
      void kept.opening.then((worker) => worker.retire());
    }
    const opening = this.#open(project, mode, fingerprint);
    const made: Kept = { project, mode, worker: null, opening, fingerprint, usedMs: performance.now() };
    this.#kept.set(key, made);
    const opened = (worker: WorkerProcess) => {
      made.worker = worker;
    };
    const failed = () => {
      if (this.#kept.get(key) === made) this.#kept.delete(key);
    };
    opening.then(opened, failed);
    return opening;
  }

  /** Forked from one that has imported the project for another environment, if there is one that may be, else started. */
  async #open(project: WorkerProject, mode: WorkerMode, fingerprint: string): Promise<WorkerProcess> {
    if (mode === "once") return this.#start(project, mode);
    const elder = this.#findElder(project, fingerprint);
    const ready = (elder && (await this.#fork(project, elder.opening))) ?? (await this.#take(project, fingerprint));
    return ready ?? this.#start(project, mode);
  }

  /** One that an earlier session has kept, if it answers. */
  async #take(project: WorkerProject, fingerprint: string): Promise<WorkerProcess | undefined> {
    const taken = await this.#options.takeWaiting?.(project, fingerprint);
    if (taken == null) return undefined;
    const { environment, workerFolder, onBell } = this.#options;
    const log = this.#logOf(project);
    const { link, starter } = taken;
    const worker = new WorkerProcess({
      project,
      mode: "fork",
      environment,
      log,
      logStart: logLength(log),
      link,
      onBell,
    });
    this.#note(worker, starter);
    if (await takeOver(worker, workerVariables(environment, workerFolder))) return worker;
    worker.signal("SIGKILL");
    return undefined;
  }

  #findElder(project: WorkerProject, fingerprint: string): Kept | undefined {
    const key = keyOf({ ...project, env: null });
    return [...this.#kept.values()].find(
      (kept) =>
        kept.mode === "fork" &&
        kept.fingerprint === fingerprint &&
        keyOf({ ...kept.project, env: null }) === key &&
        !kept.worker?.isGone &&
        !kept.worker?.isOutdated,
    );
  }

  async #fork(project: WorkerProject, opening: Promise<WorkerProcess>): Promise<WorkerProcess | undefined> {
    const elder = await opening.catch(() => null);
    const { records, environment, onBell } = this.#options;
    const log = this.#logOf(project);
    const logStart = logLength(log);
    const link = await elder?.forkSibling(project.env, { socket: nameSocket(records), log });
    if (!elder || !link) return undefined;
    const worker = new WorkerProcess({ project, mode: "fork", environment, log, logStart, link, onBell });
    this.#elders.set(worker, elder);
    return this.#note(worker);
  }

  #start(project: WorkerProject, mode: WorkerMode): WorkerProcess {
    if (this.#isClosed) throw environmentError("worker-died", "no worker is started any more", "run it again");
    const { workerFolder, environment, onBell } = this.#options;
    const marked = { ...environment, ...markWorker(environment) };
    const log = this.#logOf(project);
    return this.#note(startWorker({ project, mode, workerFolder, environment: marked, log, onBell }));
  }

  #logOf(project: WorkerProject): string {
    const name = createHash("sha256").update(keyOf(project)).digest("hex").slice(0, 8);
    return join(this.#options.logs, `worker_${name}.log`);
  }

  #note(worker: WorkerProcess, starter?: ProcessIdentity): WorkerProcess {
    this.#all.add(worker);
    void this.#options.phases?.during("worker", worker.ready).catch(() => {});
    const { records } = this.#options;
    const forget = worker.pid === null ? () => {} : recordWorker(records, identifyProcess(worker.pid), { starter });
    void worker.ended.then(() => {
      this.#all.delete(worker);
      this.#elders.delete(worker);
      forget();
    });
    return worker;
  }
}
