import { createHash } from "node:crypto";
import { join } from "node:path";
import { identifyProcess } from "../../processes/identity.ts";
import { leaveRoomForMark } from "../../processes/run-mark.ts";
import { fingerprintSources } from "./source-fingerprint.ts";
import type { WorkerMode, WorkerProject } from "./spawn-worker.ts";
import { WorkerProcess } from "./worker-process.ts";
import { recordWorker } from "./worker-records.ts";

export interface WorkerPoolOptions {
  /** The folder of the Python package. */
  workerFolder: string;
  environment: NodeJS.ProcessEnv;
  logs: string;
  /** Where workers are remembered while they live. */
  records: string;
  onBell(): void;
  /** How long a worker is kept that nobody needs. */
  idleMs?: number;
  /** Whether each run of a project is to have a process that did nothing before. */
  isCold(project: WorkerProject): boolean;
}

const IDLE_MS = 120_000;

interface Kept {
  worker: WorkerProcess;
  fingerprint: string;
  usedMs: number;
}

/** The workers of all projects: one zygote each, or where fork is not safe a spare process that is used once. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  /** By project and mode: the zygote, or the spare. */
  readonly #kept = new Map<string, Kept>();
  readonly #all = new Set<WorkerProcess>();
  /** Projects whose zygote said that it must not fork. */
  readonly #unsafe = new Set<string>();
  readonly #neverFork: boolean;
  readonly #idleMs: number;
  readonly #watch: NodeJS.Timeout;
  /** For a process that ends without closing its pool: a zygote then ends its runs, and itself. */
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
  forProbe(project: WorkerProject): WorkerProcess {
    return this.#keep(project, this.#neverFork ? "once" : "fork");
  }

  /** A ready worker to start one run on. Throws EnvironmentError or ProjectError if there can be none. */
  async forRun(project: WorkerProject): Promise<WorkerProcess> {
    const key = keyOf(project);
    if (!this.#neverFork && !this.#unsafe.has(key) && !this.#options.isCold(project)) {
      const zygote = this.#keep(project, "fork");
      await zygote.ready;
      if (zygote.isForkSafe) return zygote;
      this.#unsafe.add(key);
    }
    const spare = this.#keep(project, "once");
    this.#kept.delete(`once ${key}`);
    // The next one imports the project while this one runs.
    this.#keep(project, "once");
    await spare.ready;
    return spare;
  }

  /** Ends all workers; their runs should have ended before. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#kept.clear();
    await Promise.all([...this.#all].map((worker) => worker.close()));
    process.off("exit", this.#endAll);
  }

  #closeIdle(): void {
    for (const [key, { worker, usedMs }] of this.#kept) {
      // Whoever was given it may not have asked yet.
      if (Math.min(worker.idleMs, performance.now() - usedMs) < this.#idleMs) continue;
      this.#kept.delete(key);
      void worker.close();
    }
  }

  /** The worker kept for a project, or a new one if there is none, it has ended, or the sources have changed since. */
  #keep(project: WorkerProject, mode: WorkerMode): WorkerProcess {
    const key = `${mode} ${keyOf(project)}`;
    const fingerprint = fingerprintSources(project.project_path, project.conf_source);
    const kept = this.#kept.get(key);
    if (kept !== undefined && !kept.worker.isGone) {
      kept.usedMs = performance.now();
      if (kept.fingerprint === fingerprint && !kept.worker.isOutdated) return kept.worker;
      kept.worker.retire();
    }
    const worker = this.#start(project, mode);
    this.#kept.set(key, { worker, fingerprint, usedMs: performance.now() });
    return worker;
  }

  #start(project: WorkerProject, mode: WorkerMode): WorkerProcess {
    const { workerFolder, environment, logs, records, onBell } = this.#options;
    const name = createHash("sha256").update(keyOf(project)).digest("hex").slice(0, 8);
    const log = join(logs, `worker_${name}.log`);
    const marked = { ...environment, ...leaveRoomForMark(environment) };
    const worker = new WorkerProcess({ project, mode, workerFolder, environment: marked, log, onBell });
    this.#all.add(worker);
    const forget = worker.pid === null ? () => {} : recordWorker(records, identifyProcess(worker.pid));
    void worker.ended.then(() => {
      this.#all.delete(worker);
      forget();
    });
    return worker;
  }
}

function keyOf({ project_path, python, env, conf_source }: WorkerProject): string {
  return JSON.stringify([project_path, python, env, conf_source]);
}
