import { setTimeout as delay } from "node:timers/promises";
import type { Checked } from "../../core/problem.ts";
import type { ProbeAnswer, ProbeRequest } from "../../core/project-facts.ts";
import type { Attempt, AttemptHandlers, KedroTask, Runner, StateFolders } from "../../core/runner.ts";
import { createEnvironmentTeller } from "./environment.ts";
import { EventWatch } from "./event-watch.ts";
import { findPython } from "./find-python.ts";
import { KedroAttempt, type KedroRun } from "./kedro-attempt.ts";
import { probeProject } from "./probe.ts";
import { findWorkerFolder } from "./worker-folder.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { WorkerProcess, WorkerProject } from "./worker-process.ts";

export interface KedroRunnerOptions {
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  /** The folder of the Python package; default: where it is installed. */
  workerFolder?: string | undefined;
  /** How long a run may take to end by itself when the runner closes. */
  graceMs?: number | undefined;
}

/** A project as runs name it; `python` is null to look for one. */
export type ProjectAddress = Pick<KedroTask, "project_path" | "python" | "env" | "conf_source">;

const MAX_WORKERS_TRIED = 3;

/** Runs pipelines of Kedro projects in warm Python workers, and asks projects what their pipelines are. */
export class KedroRunner implements Runner<KedroTask> {
  readonly kind = "kedro";
  readonly #options: KedroRunnerOptions;
  readonly #watch = new EventWatch();
  readonly #pool: WorkerPool;
  readonly #describeEnvironment = createEnvironmentTeller();
  readonly #pythons = new Map<string, Promise<string>>();
  readonly #attempts = new Set<Attempt>();
  #closed = false;

  constructor(options: KedroRunnerOptions) {
    const { folders, environment, workerFolder = findWorkerFolder() } = options;
    this.#options = options;
    const onBell = () => this.#watch.ring();
    this.#pool = new WorkerPool({ workerFolder, environment, logs: folders.logs, onBell });
  }

  start(run: KedroRun, handlers: AttemptHandlers): Attempt {
    const findWorker = () => this.#findWorker(run.task);
    const { folders } = this.#options;
    const own = { watch: this.#watch, describeEnvironment: this.#describeEnvironment, findWorker };
    const attempt = new KedroAttempt({ run, handlers, folders, ...own });
    if (this.#closed) attempt.stop("kill");
    const started: Attempt = { result: attempt.execute(), stop: (how) => attempt.stop(how) };
    this.#attempts.add(started);
    void started.result.then(() => this.#attempts.delete(started));
    return started;
  }

  /**
   * Asks a project about the slices of some runs, without running anything. What is wrong with the project is a problem;
   * what is wrong with the machine is thrown, as EnvironmentError.
   */
  async probe(address: ProjectAddress, request: ProbeRequest): Promise<Checked<ProbeAnswer>> {
    const project = await this.#findProject(address);
    const question = { ...request, attempts: this.#options.folders.attempts };
    return await probeProject(() => this.#pool.forProbe(project), question);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const attempts = [...this.#attempts];
    const ended = Promise.all(attempts.map(({ result }) => result));
    for (const how of ["interrupt", "kill"] as const) {
      for (const attempt of attempts) attempt.stop(how);
      await settleWithin(ended, this.#options.graceMs ?? 2_000);
    }
    await this.#pool.close();
    await ended;
  }

  async #findWorker(address: ProjectAddress): Promise<WorkerProcess> {
    const project = await this.#findProject(address);
    for (let tried = 1; ; tried++) {
      const worker = await this.#pool.forRun(project);
      // It may have been retired for changed sources while we waited for it.
      if (!worker.isGone || tried === MAX_WORKERS_TRIED) return worker;
    }
  }

  async #findProject(address: ProjectAddress): Promise<WorkerProject> {
    const { project_path, python: explicit, env, conf_source } = address;
    const { environment } = this.#options;
    const key = JSON.stringify([explicit, project_path]);
    const known = this.#pythons.get(key);
    const python = known ?? findPython({ explicit, projectPath: project_path, environment });
    this.#pythons.set(key, python);
    python.catch(() => this.#pythons.delete(key));
    return { project_path, python: await python, env, conf_source };
  }
}

async function settleWithin(promise: Promise<unknown>, limitMs: number): Promise<void> {
  const patience = new AbortController();
  await Promise.race([promise, delay(limitMs, undefined, { signal: patience.signal }).catch(() => {})]);
  patience.abort();
}
