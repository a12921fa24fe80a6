import { setTimeout as delay } from "node:timers/promises";
import { environmentError } from "../../core/error/environment-error.ts";
import type { Checked } from "../../core/error/problem.ts";
import type { HoldQueue } from "../../core/hold.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { PlainStorage } from "../../core/port/plain-storage.ts";
import type {
  Comparison,
  KeepOptions,
  ProjectAddress,
  ProjectAgent,
  SessionEnd,
  StorageTask,
} from "../../core/port/project-agent.ts";
import type { RemotePlace, RemoteStorage } from "../../core/port/remote-storage.ts";
import type { Attempt, AttemptHandlers, KedroTask, Runner, StateFolders } from "../../core/port/runner.ts";
import type { ProbeAnswer, ProbeRequest } from "../../core/project-facts.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { fillVariablesOf, hideVariables, listVariables } from "../../core/variables.ts";
import { openSeals, type SealAttempt } from "../attempt-seals.ts";
import { AttemptsUnderWay } from "../attempts-under-way.ts";
import { createEnvironmentTeller } from "../interpreters/environment.ts";
import { findPython } from "../interpreters/find-python.ts";
import { findWorkerFolder } from "../interpreters/worker-folder.ts";
import { isRecordOf, isText, orNull } from "../shape.ts";
import { EventWatch } from "./attempt/event-watch.ts";
import { KedroAttempt, type KedroRun } from "./attempt/kedro-attempt.ts";
import { readColdProjects } from "./cold-projects.ts";
import { lookAtData } from "./look-at-data.ts";
import { hideInProblems, probeProject } from "./probe.ts";
import { type AnswerOptions, ProjectAnswers } from "./project-answers.ts";
import type { StorageOrders } from "./remote/ask-storage.ts";
import { reachObjects } from "./remote/remote-objects.ts";
import { reachPlain } from "./remote/remote-plain.ts";
import { askWorker } from "./workers/ask-worker.ts";
import type { Reply } from "./workers/control-messages.ts";
import { KeptWorkers } from "./workers/kept-workers.ts";
import { endLost } from "./workers/lost-workers.ts";
import { callSessionEndHooks } from "./workers/session-end.ts";
import type { WorkerProject } from "./workers/spawn-worker.ts";
import { toWorkerError } from "./workers/worker-errors.ts";
import { WorkerPool } from "./workers/worker-pool.ts";
import type { WorkerProcess } from "./workers/worker-process.ts";
import { endHungWorkers, workerRecords } from "./workers/worker-records.ts";

export interface KedroRunnerOptions {
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  /** Queue of attempts for plain paths that runs share. */
  holds: HoldQueue;
  /** The folder of the Python package; default: where it is installed. */
  workerFolder?: string | undefined;
  /** Time that a run may take to end by itself when the runner closes. */
  graceMs?: number | undefined;
  /** Time after which an unused worker is ended, in milliseconds. */
  idleMs?: number | undefined;
  /** Folder in which answers of projects are kept; without it none are. */
  answers?: AnswerOptions | undefined;
  /** Lets workers wait for the next session when the runner closes; default: they end. */
  keep?: KeepOptions | undefined;
  /** Told while a worker is started. */
  phases?: PhaseClock | undefined;
}

const MAX_WORKERS_TRIED = 3;
/** Names of operations on storage in messages. */
const STORAGE_WORK = { publish: "a publication", objects: "work on remote data" };

/** Runs pipelines of Kedro projects in warm Python workers, and asks projects what their pipelines are. */
export class KedroRunner implements Runner<KedroTask>, ProjectAgent {
  readonly kind = "kedro";
  readonly #options: KedroRunnerOptions;
  readonly #watch = new EventWatch();
  readonly #pool: WorkerPool;
  readonly #answers: ProjectAnswers;
  readonly #keptWorkers: KeptWorkers;
  readonly #describeEnvironment = createEnvironmentTeller();
  readonly #pythons = new Map<string, Promise<string>>();
  readonly #seal: SealAttempt;
  readonly #attempts = new AttemptsUnderWay();
  /** The runs of each session by the project and environment that they ran in. */
  readonly #started = new Map<SessionId, Map<string, { address: ProjectAddress; runs: Set<string> }>>();
  /** The time that workers wait, by project: the longest that a run of it asks for. */
  readonly #keepMs = new Map<string, number>();
  /** The runs that were given another try, as their worker was lost before they had begun: one each. */
  readonly #spared = new Set<string>();

  constructor(options: KedroRunnerOptions) {
    const { folders, environment, workerFolder = findWorkerFolder() } = options;
    this.#options = options;
    this.#seal = openSeals(folders);
    this.#answers = new ProjectAnswers(options.answers, { environment, workerFolder });
    const records = workerRecords(folders);
    this.#keptWorkers = new KeptWorkers({ folders, answers: this.#answers, environment });
    const onBell = () => this.#watch.ring();
    const isCold = ({ project_path }: WorkerProject) =>
      readColdProjects(folders.root).some((cold) => cold.project_path === project_path);
    const idle = options.idleMs === undefined ? {} : { idleMs: options.idleMs };
    this.#pool = new WorkerPool({
      workerFolder,
      environment,
      logs: folders.logs,
      records,
      onBell,
      isCold,
      phases: options.phases,
      takeWaiting: (project, sources) => this.#keptWorkers.take(project, sources),
      ...idle,
    });
  }

  start(run: KedroRun, handlers: AttemptHandlers): Attempt {
    const findWorker = async () => {
      const worker = await this.#findWorker(run.task);
      this.#noteStart(run);
      return worker;
    };
    const { folders, environment, holds } = this.#options;
    const hide = hideVariables(listVariables(run.task.runtime_params), environment);
    const mayBeginAgain = () => this.#spare(run);
    const seal = (record: string) => this.#seal(run.run_id, record);
    const own = {
      seal,
      watch: this.#watch,
      describeEnvironment: this.#describeEnvironment,
      hide,
      findWorker,
      mayBeginAgain,
    };
    const attempt = new KedroAttempt({ run, handlers, folders, holds, ...own });
    return this.#attempts.start(attempt);
  }

  expect(address: ProjectAddress): void {
    const start = async () => {
      const project = await this.#findProject(address);
      if (!this.#attempts.isClosing) await this.#pool.expect(project);
    };
    void start().catch(() => {});
  }

  async probe(address: ProjectAddress, request: ProbeRequest): Promise<Checked<ProbeAnswer>> {
    const project = await this.#findProject(address);
    const { folders, environment } = this.#options;
    const { attempts } = folders;
    const question = { ...request, runtime_params: fillVariablesOf(request.runtime_params, environment) };
    const ask = () => probeProject(() => this.#pool.forProbe(project), { ...question, attempts });
    const told = await this.#answers.find(project, { question, ask });
    if (!told.ok) return told;
    const hide = hideVariables(listVariables(request.runtime_params), environment);
    return { ...told, value: hideInProblems(lookAtData(told.value, attempts), hide) };
  }

  /** Calls `after_all_runs` in every project and environment that had runs of the session. */
  async endSession(session: SessionEnd): Promise<string[]> {
    const projects = [...(this.#started.get(session.session_id)?.values() ?? [])];
    this.#started.delete(session.session_id);
    const { logs } = this.#options.folders;
    const told = projects.map(async ({ address, runs }) => {
      const findWorker = async () => this.#pool.forProbe(await this.#findProject(address));
      const part = { ...session, runs: session.runs.filter(({ run }) => runs.has(run)) };
      return await callSessionEndHooks(findWorker, { session: part, logs });
    });
    return (await Promise.all(told)).filter((fault) => fault !== null);
  }

  reachPlain(findTask: () => Promise<StorageTask>, version: RemotePlace & { run_id: RunId }): PlainStorage {
    return reachPlain(async (...order) => this.#askStorage(await findTask(), ...order), version);
  }

  reachObjects(findTask: () => Promise<StorageTask>, runId: RunId): RemoteStorage {
    return reachObjects(async (...order) => this.#askStorage(await findTask(), ...order), runId);
  }

  async compare(task: KedroTask, { pairs, leniency }: Comparison): Promise<Record<string, string | null>> {
    const sides = Object.entries(pairs).map(([dataset, { a, b }]) => [dataset, { a: toSide(a), b: toSide(b) }]);
    const { tolerance, ignoreRowOrder: ignore_row_order } = leniency;
    const question = { pairs: Object.fromEntries(sides), tolerance, ignore_row_order };
    const reply = await this.#ask(task, "a comparison", (worker) => worker.request("compare", question));
    if (!reply.ok) throw toWorkerError(reply.error);
    if (isRecordOf(orNull(isText))(reply.differences)) return reply.differences;
    throw environmentError(
      "worker-broken",
      "the worker's answer to a comparison is not in the protocol",
      "report this",
    );
  }

  async endHung(): Promise<void> {
    const { folders } = this.#options;
    await endLost(folders);
    await endHungWorkers(workerRecords(folders));
  }

  async close(): Promise<void> {
    const attempts = this.#attempts.beginClosing();
    const ended = Promise.all(attempts.map(({ result }) => result));
    for (const how of ["interrupt", "kill"] as const) {
      for (const attempt of attempts) attempt.stop(how);
      await settleWithin(ended, this.#options.graceMs ?? 2_000);
    }
    if (attempts.length === 0) await this.#keepWorkers();
    await this.#pool.close();
    await ended;
  }

  async #ask(task: ProjectAddress, what: string, ask: (worker: WorkerProcess) => Promise<Reply>): Promise<Reply> {
    const project = await this.#findProject(task);
    return await askWorker({ what, findWorker: () => this.#pool.forProbe(project), ask });
  }

  async #askStorage(task: StorageTask, operation: keyof StorageOrders, order: StorageOrders[typeof operation]) {
    const runtime_params = fillVariablesOf(task.runtime_params, this.#options.environment);
    const question = { ...order, runtime_params };
    const reply = await this.#ask(task, STORAGE_WORK[operation], (worker) => worker.request(operation, question));
    if (!reply.ok) throw toWorkerError(reply.error);
    return reply;
  }

  /** False the second time: what ends each worker of a run may be that run. */
  #spare({ session_id, run }: KedroRun): boolean {
    const key = JSON.stringify([session_id, run]);
    const isFirst = !this.#spared.has(key);
    this.#spared.add(key);
    return isFirst;
  }

  async #keepWorkers(): Promise<void> {
    const { limitMs = null, onNote = () => {} } = this.#options.keep ?? {};
    const isKept = limitMs === null ? this.#keepMs.size > 0 : limitMs > 0;
    if (!isKept) return;
    for (const idle of await this.#pool.listIdle()) {
      const ownMs = this.#keepMs.get(idle.project.project_path) ?? 0;
      if ((limitMs ?? ownMs) > 0) await this.#keptWorkers.keep(idle, { limitMs: limitMs ?? ownMs, onNote });
    }
  }

  #noteStart({ session_id, run, task, keepWorkerMs = 0 }: KedroRun): void {
    const { project_path, python, env, conf_source } = task;
    if (keepWorkerMs > 0) this.#keepMs.set(project_path, Math.max(keepWorkerMs, this.#keepMs.get(project_path) ?? 0));
    const address = { project_path, python, env, conf_source };
    const key = JSON.stringify(address);
    const projects = this.#started.get(session_id) ?? new Map();
    this.#started.set(session_id, projects);
    const project = projects.get(key) ?? { address, runs: new Set<string>() };
    projects.set(key, project);
    project.runs.add(run);
  }

  async #findWorker(address: ProjectAddress): Promise<WorkerProcess> {
    const project = await this.#findProject(address);
    for (let tried = 1; ; tried++) {
      const worker = await this.#pool.forRun(project);
      // The worker may have been retired for changed sources while we waited for it.
      if (!worker.isGone || tried === MAX_WORKERS_TRIED) return worker;
    }
  }

  async #findProject(address: ProjectAddress): Promise<WorkerProject> {
    const { project_path, python: explicit, env, conf_source } = address;
    const { environment, answers } = this.#options;
    const key = JSON.stringify([explicit, project_path]);
    const known = this.#pythons.get(key);
    const python = known ?? findPython({ explicit, projectPath: project_path, environment, answers: answers?.folder });
    this.#pythons.set(key, python);
    python.catch(() => this.#pythons.delete(key));
    return { project_path, python: await python, env, conf_source };
  }
}

function toSide({ location, entry }: VersionRecord) {
  return { location, entry: entry?.config ?? {} };
}

async function settleWithin(promise: Promise<unknown>, limitMs: number): Promise<void> {
  const patience = new AbortController();
  await Promise.race([promise, delay(limitMs, undefined, { signal: patience.signal }).catch(() => {})]);
  patience.abort();
}
