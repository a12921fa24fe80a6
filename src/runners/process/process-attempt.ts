import type { HoldQueue } from "../../core/hold.ts";
import type { AttemptHandlers, AttemptResult, ProcessTask, ResolvedRun, StateFolders } from "../../core/port/runner.ts";
import type { ExceptionRecord, VersionRecord } from "../../core/run.ts";
import { hideInException } from "../../core/secrets/hide-secrets.ts";
import { listValues } from "../../core/select-reads.ts";
import { hideVariables, listVariables } from "../../core/variables.ts";
import { claimPath, readOwner } from "../../processes/claim.ts";
import { findProgram } from "../../processes/find-program.ts";
import type { HeldPlaces } from "../../processes/hold-places.ts";
import type { ProcessIdentity } from "../../processes/identity.ts";
import { appendToLog, readLogTail } from "../../processes/log-file.ts";
import type { MemorySampler } from "../../processes/memory-sampler.ts";
import { signalGroup } from "../../processes/signals.ts";
import { attemptFolder, attemptLog } from "../../versions/layout.ts";
import { awaitAdopted, cutOffAttempt, isAdoptedByOther, markAdopted, wasCutOff } from "../adopted-end.ts";
import { createAttemptFolder, exitPath, readExit, writeExit, writeManifest } from "../attempt-files.ts";
import { readSealedManifest } from "../attempt-manifest.ts";
import { completeAttempt, describeFailure, type Ending, failAttempt, formatCommandExit } from "../attempt-result.ts";
import { checkInputs } from "../check-inputs.ts";
import type { DescribePython } from "../interpreters/python-environment.ts";
import { readMetrics } from "../metrics.ts";
import { shareTurns } from "../share-turns.ts";
import { removeCaptures } from "./capture-output.ts";
import { type CommandEnd, type CommandProcess, startCommandProcess } from "./command-process.ts";
import { hasChangedSince } from "./has-changed-since.ts";
import { metricsPath } from "./process-environment.ts";
import type { ProcessKind } from "./process-kind.ts";
import {
  collectOutputs,
  listCapturedPlaces,
  type PlannedOutput,
  planOutputs,
  prepareOutputs,
} from "./process-outputs.ts";
import { describeSpec, fillRun, namePaths } from "./process-spec.ts";
import { planValueFiles, writeValueFiles } from "./value-files.ts";

export type ProcessRun<T extends ProcessTask = ProcessTask> = ResolvedRun & { task: T };

export interface ProcessAttemptOptions<T extends ProcessTask> {
  run: ProcessRun<T>;
  program: ProcessKind<T>;
  handlers: AttemptHandlers;
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  holds: HoldQueue;
  sampler: MemorySampler;
  describePython: DescribePython;
  /** Seal of this attempt, by the record that carries it. */
  seal(record: string): string;
}

const TRACEBACK_LINES = 20;
const NOT_OURS = describeFailure("Released", "another process has taken the attempt over");

/** One try of a run that is a process of its own, from its folder to its manifest. */
export class ProcessAttempt<T extends ProcessTask> {
  readonly #options: ProcessAttemptOptions<T>;
  readonly #folder: string;
  readonly #log: string;
  readonly #startedAt = performance.now();
  readonly #stopping = new AbortController();
  #outputs: PlannedOutput[] = [];
  #process: CommandProcess | null = null;
  /** Resolves when it has been told what its program runs in. */
  #environmentTold: Promise<void> = Promise.resolve();
  readonly #releasing = new AbortController();
  #isReleased = false;
  /** Known of an attempt that another orchestrator began. */
  #tookMs: number | null = null;

  /** Values of `${env:NAME}` are hidden in all records, though the run's log may have them. */
  readonly #hide: (text: string) => string;

  constructor(options: ProcessAttemptOptions<T>) {
    this.#options = options;
    this.#hide = hideVariables(listVariables(options.run.task), options.environment);
    this.#folder = attemptFolder(options.folders, options.run.run_id);
    this.#log = attemptLog(options.folders, options.run.run_id);
  }

  /** Never rejects. */
  async execute(): Promise<AttemptResult> {
    const { run, folders } = this.#options;
    try {
      this.#outputs = planOutputs(run.task, folders.store, run.run_id);
      const held = await this.#holdCaptured();
      try {
        const started = await this.#start();
        const end = await started.ended;
        if (this.#isOurs) return await this.#finish(end);
      } finally {
        // An orchestrator that took the attempt over has its places too: the attempt's processes may still write there.
        if (this.#isOurs) held.release();
      }
      return this.#fail(NOT_OURS, { cancelled: true });
    } catch (error) {
      if (!this.#stopped) return this.#fail(describeError(error), { cancelled: false });
      return this.#fail(describeFailure("CommandNotStarted", "stopped before it started"), { cancelled: true });
    }
  }

  /** Does as `execute` for an attempt that another orchestrator began. */
  async adopt(): Promise<AttemptResult> {
    const { run, folders, handlers } = this.#options;
    // The handle is the caller's before anything is told of it.
    await Promise.resolve();
    markAdopted(this.#folder, this.#options.seal("adopted"));
    handlers.onStarted({ pid: this.#leader?.pid ?? null, log: this.#log });
    try {
      this.#outputs = planOutputs(run.task, folders.store, run.run_id);
      const held = await this.#holdCaptured().catch((error: unknown) => this.#goOnStopped(error));
      try {
        return await this.#followAdopted();
      } finally {
        if (!this.#isReleased) held?.release();
      }
    } catch (error) {
      return this.#fail(describeError(error), { cancelled: this.#stopped });
    }
  }

  async #followAdopted(): Promise<AttemptResult> {
    const { run, folders } = this.#options;
    const { seal } = this.#options;
    const wait = { runId: run.run_id, seal: seal("exit"), signal: this.#releasing.signal };
    const adopted = await awaitAdopted(this.#folder, wait);
    this.#tookMs = adopted.durationMs;
    const { exit } = adopted;
    await removeCaptures(folders.store, run.run_id);
    if (exit === null || wasCutOff(exit) || this.#stopped) return cutOffAttempt(adopted, this.#stopped);
    const told = readSealedManifest(this.#folder, { runId: run.run_id, seal: seal("manifest") });
    if (told !== null) {
      const end = { ...exit, peakMemoryBytes: told.peak_memory_bytes };
      if (told.exception === null) return this.#complete(end, told.outputs);
      if (told.cancelled) return cutOffAttempt(adopted, false);
      return this.#fail(told.exception, { ...end, cancelled: false });
    }
    if (await hasChangedSince(this.#outputs, exitPath(this.#folder)))
      return cutOffAttempt({ ...adopted, exit: null }, false);
    return await this.#finish({ ...exit, peakMemoryBytes: null, alreadyClaimed: false });
  }

  stop(how: "interrupt" | "kill"): void {
    this.#stopping.abort();
    const signal = how === "kill" ? "SIGKILL" : "SIGINT";
    if (this.#process !== null) this.#process.signal(signal);
    else if (this.#leader !== null) signalGroup(this.#leader, signal);
  }

  release(): void {
    this.#isReleased = true;
    this.#releasing.abort();
    this.#stopping.abort();
    this.#process?.release();
  }

  /** Leader of an attempt that another orchestrator began; null if no process of this attempt has begun. */
  get #leader(): ProcessIdentity | null {
    return readOwner({ folder: this.#folder, runId: this.#options.run.run_id });
  }

  get #isOurs(): boolean {
    return !this.#isReleased && !isAdoptedByOther(this.#folder, this.#options.seal("adopted"));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** An attempt that is stopped while it waits for its places reads no data, so it needs none. */
  #goOnStopped(error: unknown): null {
    if (this.#stopped && !this.#isReleased) return null;
    throw error;
  }

  /** Runs that capture one path wait for each other, as each would take the other's file for its own. */
  async #holdCaptured(): Promise<HeldPlaces> {
    const { run, folders, holds, handlers } = this.#options;
    const places = listCapturedPlaces(this.#outputs);
    return await shareTurns({ run, folders, holds, places, signal: this.#stopping.signal, handlers });
  }

  async #start(): Promise<CommandProcess> {
    const { run, program: kind, handlers, folders, environment, sampler } = this.#options;
    const outputs = this.#outputs;
    const values = listValues(run);
    const valuePaths = planValueFiles(values, this.#folder);
    const paths = namePaths(run, outputs, valuePaths);
    const { argv, own, full } = fillRun(run, kind, { base: environment, paths, attemptFolder: this.#folder });
    const { cwd } = run.task;
    const [program = "", ...rest] = argv;
    const found = findProgram({ program, cwd, environment: full });
    kind.check(run.task);
    await prepareOutputs(outputs, folders.store);
    const marks = await checkInputs(run);
    createAttemptFolder(this.#folder, { spec: describeSpec(run, kind, paths), marks });
    writeValueFiles(values, valuePaths);
    this.#stopping.signal.throwIfAborted();
    const request = { argv: [found, ...rest], cwd, environment: full };
    const started = startCommandProcess({
      ...request,
      claimPath: claimPath(this.#folder),
      exitPath: exitPath(this.#folder),
      seal: this.#options.seal("exit"),
      log: this.#log,
      sampler,
    });
    this.#process = started;
    if (started.pid !== null) handlers.onStarted({ pid: started.pid, log: this.#log });
    // The run's identity is left out: the program that asks is none of its processes.
    this.#environmentTold = this.#formatEnvironment(found, { ...environment, ...own });
    return started;
  }

  async #formatEnvironment(program: string, environment: NodeJS.ProcessEnv): Promise<void> {
    const signal = await this.#options.describePython(program, environment);
    if (signal !== null && !this.#isReleased) this.#options.handlers.onSignal(signal);
  }

  async #finish(end: CommandEnd): Promise<AttemptResult> {
    // A stop that is asked for from here on comes too late to cut the run off.
    const cancelled = this.#stopped;
    const fail = (exception: ExceptionRecord) => this.#fail(exception, { ...end, cancelled });
    if (end.alreadyClaimed) return fail(describeFailure("AlreadyClaimed", "another process has claimed this attempt"));
    const seal = this.#options.seal("exit");
    if (readExit(this.#folder, seal) === null) writeExit(this.#folder, end, seal);
    await this.#environmentTold;
    this.#reportMetrics();
    const result = end.exitCode === 0 && !cancelled ? await this.#succeed(end, fail) : fail(this.#describeExit(end));
    if (!this.#isOurs) return this.#fail(NOT_OURS, { cancelled: true });
    try {
      await this.#writeManifest(result);
      return result;
    } catch (error) {
      return fail(describeError(error));
    }
  }

  async #succeed(end: CommandEnd, fail: (exception: ExceptionRecord) => AttemptResult): Promise<AttemptResult> {
    const { folders, run } = this.#options;
    try {
      const assertOurs = () => {
        if (!this.#isOurs) throw new Error(NOT_OURS.message);
      };
      return this.#complete(end, await collectOutputs(this.#outputs, { folders, runId: run.run_id, assertOurs }));
    } catch (error) {
      return fail(describeError(error));
    }
  }

  #complete(end: Partial<Ending>, outputs: Record<string, VersionRecord>): AttemptResult {
    const { store } = this.#options.folders;
    return completeAttempt({ ...end, outputs, store, durationMs: this.#durationMs() });
  }

  /** Metrics that can't be used fail no run: its log says what is wrong with them. */
  #reportMetrics(): void {
    const { metrics, fault } = readMetrics(metricsPath(this.#folder));
    if (metrics !== null) this.#options.handlers.onSignal({ type: "metrics.reported", metrics });
    if (fault !== null) appendToLog(this.#log, `the metrics in RUNWEAVE_METRICS are left out: ${fault}`);
  }

  #fail(exception: ExceptionRecord, end: Partial<Ending> & { cancelled: boolean }): AttemptResult {
    return failAttempt({ ...end, exception: hideInException(exception, this.#hide), durationMs: this.#durationMs() });
  }

  #describeExit(end: CommandEnd): ExceptionRecord {
    const told = this.#readException();
    if (told !== null && !this.#stopped) return told;
    const how = this.#stopped ? `stopped: ${end.signal ?? `exit code ${end.exitCode}`}` : formatCommandExit(end);
    const tail = readLogTail(this.#log, { lines: TRACEBACK_LINES, hide: this.#hide }) || null;
    const failure = describeFailure("CommandFailed", how, tail);
    return { ...failure, cause: told };
  }

  /** Failure as the program tells it itself; null if it does not. */
  #readException(): ExceptionRecord | null {
    const { exception, fault } = this.#options.program.readException(this.#folder);
    if (fault !== null) appendToLog(this.#log, `what it says of its failure is left out: ${fault}`);
    return exception;
  }

  async #writeManifest({ status, outputs, exception, cancelled, peakMemoryBytes }: AttemptResult): Promise<void> {
    const { run_id } = this.#options.run;
    const told = { run_id, status, outputs, exception, cancelled, peak_memory_bytes: peakMemoryBytes };
    await writeManifest(this.#folder, told, this.#options.seal("manifest"));
  }

  #durationMs(): number {
    return this.#tookMs ?? performance.now() - this.#startedAt;
  }
}

function describeError(error: unknown): ExceptionRecord {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return describeFailure(name, message);
}
