import { closeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { HoldQueue } from "../../../core/hold.ts";
import type {
  AttemptHandlers,
  AttemptResult,
  KedroTask,
  ResolvedRun,
  StateFolders,
} from "../../../core/port/runner.ts";
import type { ExceptionRecord } from "../../../core/run.ts";
import { hideInException } from "../../../core/secrets/hide-secrets.ts";
import { giveUpAttempt, readClaim, readOwner } from "../../../processes/claim.ts";
import type { HeldPlaces } from "../../../processes/hold-places.ts";
import { identifyProcess, type ProcessIdentity } from "../../../processes/identity.ts";
import { appendToLog, openLog, readLogTail } from "../../../processes/log-file.ts";
import { endGroup, signalGroup } from "../../../processes/signals.ts";
import { endStrays } from "../../../processes/strays.ts";
import { attemptFolder, attemptLog } from "../../../versions/layout.ts";
import { awaitAdopted, cutOffAttempt, markAdopted, wasCutOff } from "../../adopted-end.ts";
import { type AttemptManifest, createAttemptFolder, writeExit, writeManifest } from "../../attempt-files.ts";
import { readSealedManifest } from "../../attempt-manifest.ts";
import { completeAttempt, describeFailure, type Ending, failAttempt, formatExit } from "../../attempt-result.ts";
import { checkInputs } from "../../check-inputs.ts";
import type { DescribeEnvironment } from "../../interpreters/environment.ts";
import { collectMetrics } from "../../metrics.ts";
import { shareTurns } from "../../share-turns.ts";
import { judgeOutputs } from "../claims/judge-outputs.ts";
import { warnOfLeft } from "../left-behind.ts";
import { ChannelClosedError } from "../workers/control-channel.ts";
import { describeStartError, toWorkerError } from "../workers/worker-errors.ts";
import type { ChildEnd, WorkerProcess } from "../workers/worker-process.ts";
import type { EventWatch } from "./event-watch.ts";
import { listHeldPlaces } from "./list-held-places.ts";
import { describeSpec } from "./spec.ts";
import { EventTail } from "./tail-events.ts";

export type KedroRun = ResolvedRun & { task: KedroTask };

export interface KedroAttemptOptions {
  run: KedroRun;
  handlers: AttemptHandlers;
  folders: StateFolders;
  holds: HoldQueue;
  /** Seal of this attempt, by the record that carries it. */
  seal(record: string): string;
  watch: EventWatch;
  describeEnvironment: DescribeEnvironment;
  /** Takes the values of what the run was given by `${env:NAME}` out of a text. */
  hide(text: string): string;
  /** A worker that is ready for one run. */
  findWorker(): Promise<WorkerProcess>;
  /** Tells whether there may be another try, as a worker that was lost had not begun this one. */
  mayBeginAgain(): boolean;
}

const TRACEBACK_LINES = 20;
const STOP_REPLY_MS = 1_000;
const GROUP_GRACE_MS = 1_000;
/** The exit code of a child that found its attempt claimed. */
const ALREADY_CLAIMED = 75;
const DIVERGED_CLASS = "runweave_worker.errors.ResumeDiverged";
const NOT_STARTED = describeFailure("Cancelled", "stopped before it started");

/** One try of a Kedro run, from its spec to its manifest. */
export class KedroAttempt {
  readonly #options: KedroAttemptOptions;
  readonly #folder: string;
  readonly #log: string;
  /** Null until a worker is asked for its process: the time until the worker is ready is no part of the run's. */
  #startedAt: number | null = null;
  #child: { worker: WorkerProcess; identity: ProcessIdentity } | null = null;
  readonly #stopping = Promise.withResolvers<null>();
  #stopped: "interrupt" | "kill" | null = null;
  #isReleased = false;
  readonly #releasing = new AbortController();
  readonly #waiting = new AbortController();
  #isAdopted = false;
  /** True if its worker was lost, and its process had not begun, and never will. */
  #isUnbegun = false;
  /** Known of an attempt that another orchestrator began. */
  #tookMs: number | null = null;

  constructor(options: KedroAttemptOptions) {
    this.#options = options;
    this.#folder = attemptFolder(options.folders, options.run.run_id);
    this.#log = attemptLog(options.folders, options.run.run_id);
  }

  /** Never rejects. */
  async execute(): Promise<AttemptResult> {
    try {
      const worker = await Promise.race([this.#options.findWorker(), this.#stopping.promise]);
      if (worker === null || this.#stopped !== null || this.#isReleased) return this.#fail(NOT_STARTED);
      const held = await this.#holdShared();
      try {
        return await this.#finish(await this.#executeOn(worker));
      } finally {
        // An orchestrator that took the attempt over has its places too: the attempt's process may still write there.
        if (!this.#isReleased) held.release();
      }
    } catch (error) {
      return this.#fail(this.#waiting.signal.aborted && this.#child === null ? NOT_STARTED : describeStartError(error));
    }
  }

  /** Does as `execute` for an attempt that another orchestrator's worker began. Its first `told` events are on record. */
  async adopt(told: number): Promise<AttemptResult> {
    const { run, handlers, watch } = this.#options;
    // The handle is the caller's before anything is told of it.
    await Promise.resolve();
    markAdopted(this.#folder, this.#options.seal("adopted"));
    this.#isAdopted = true;
    handlers.onStarted({ pid: this.#readOwner()?.pid ?? null, log: this.#log });
    const tail = new EventTail(this.#folder, handlers.onSignal, told);
    watch.add(tail);
    const held = await this.#holdShared().catch(() => null);
    try {
      const wait = { runId: run.run_id, seal: this.#options.seal("exit"), signal: this.#releasing.signal };
      const adopted = await awaitAdopted(this.#folder, wait).finally(() => watch.finish(tail));
      this.#tookMs = adopted.durationMs;
      const { exit } = adopted;
      if (exit === null || wasCutOff(exit)) return cutOffAttempt(adopted, this.#stopped !== null);
      const result = await this.#finish({ ...exit, died: null, leftBehind: [] });
      return result.exception?.type === "Interrupted" ? { ...result, cutOff: true } : result;
    } catch (error) {
      return this.#fail(describeStartError(error));
    } finally {
      if (!this.#isReleased) held?.release();
    }
  }

  stop(how: "interrupt" | "kill"): void {
    this.#stopped = how;
    this.#stopping.resolve(null);
    this.#waiting.abort();
    const owner = this.#isAdopted ? this.#readOwner() : null;
    if (owner !== null) signalGroup(owner, how === "kill" ? "SIGKILL" : "SIGINT");
    if (this.#child !== null) void this.#signal(this.#child.worker, how);
  }

  release(): void {
    this.#isReleased = true;
    this.#releasing.abort();
    this.#waiting.abort();
    this.#stopping.resolve(null);
    this.#child?.worker.release();
  }

  async #holdShared(): Promise<HeldPlaces> {
    const { run, folders, holds, handlers } = this.#options;
    const places = listHeldPlaces(run);
    return await shareTurns({ run, folders, holds, places, signal: this.#waiting.signal, handlers });
  }

  async #executeOn(found: WorkerProcess): Promise<ChildEnd> {
    const { run, folders } = this.#options;
    const marks = await checkInputs(run);
    // Large inputs take a while, in which it may have been retired.
    const worker = found.isGone ? await this.#options.findWorker() : found;
    createAttemptFolder(this.#folder, { spec: describeSpec(run, folders.store), marks });
    closeSync(openLog(this.#log));
    const end = await this.#follow(worker).catch(describeLostStart);
    if (end.died !== null && !this.#isReleased) this.#isUnbegun = await this.#giveUp();
    else if (worker.mode === "once") writeExit(this.#folder, end, this.#options.seal("exit"));
    return end;
  }

  /** Starts the run's process, and reports what it says until its end. */
  async #follow(worker: WorkerProcess): Promise<ChildEnd> {
    const { run, handlers, watch } = this.#options;
    this.#startedAt = performance.now();
    const { seal } = this.#options;
    const seals = { exit: seal("exit"), manifest: seal("manifest") };
    const place = { runId: run.run_id, folder: this.#folder, log: this.#log };
    const { reply, exit } = await worker.startAttempt({ ...place, seals });
    if (!reply.ok) throw toWorkerError(reply.error);
    this.#child = { worker, identity: identifyProcess(Number(reply.pid)) };
    if (this.#isReleased) worker.release();
    handlers.onStarted({ pid: this.#child.identity.pid, log: this.#log });
    if (this.#stopped !== null) void this.#signal(worker, this.#stopped);
    const environment = this.#options.describeEnvironment(await worker.ready);
    if (environment !== null) handlers.onSignal(environment);
    const tail = new EventTail(this.#folder, handlers.onSignal);
    watch.add(tail);
    try {
      const end = await exit;
      if (end.leftBehind.length > 0) handlers.onSignal(warnOfLeft(end.leftBehind, this.#options.hide));
      return end;
    } finally {
      watch.finish(tail);
      if (tail.skippedLines > 0) appendToLog(this.#log, `${tail.skippedLines} lines of its events could not be read`);
    }
  }

  #readOwner(): ProcessIdentity | null {
    return readOwner({ folder: this.#folder, runId: this.#options.run.run_id });
  }

  /** Takes the attempt, so that a child that was not that far yet does not run: true. Else ends the one that has it. */
  async #giveUp(): Promise<boolean> {
    const isTaken = giveUpAttempt(this.#folder);
    const owner = isTaken ? (this.#child?.identity ?? null) : this.#readOwner();
    if (owner !== null) await endGroup(owner, GROUP_GRACE_MS);
    await endStrays({ runId: this.#options.run.run_id, ancestor: owner }, GROUP_GRACE_MS);
    return isTaken;
  }

  async #signal(worker: WorkerProcess, how: "interrupt" | "kill"): Promise<void> {
    if (worker.mode === "once") {
      // The child ignores SIGINT until it listens to signals, as a terminal sends that to all processes of its group.
      worker.signal(how === "kill" ? "SIGKILL" : "SIGTERM");
      return;
    }
    const signal = how === "kill" ? "SIGKILL" : "SIGINT";
    const { run_id } = this.#options.run;
    const reply = worker.request("stop", { run_id, signal }).catch(() => null);
    const answered = await Promise.race([reply, delay(STOP_REPLY_MS, null, { ref: false })]);
    if (answered?.ok) return;
    const owner = this.#readOwner();
    if (owner !== null) signalGroup(owner, signal);
  }

  async #finish(end: ChildEnd): Promise<AttemptResult> {
    const { run, handlers, folders } = this.#options;
    if (end.died !== null) return this.#failWithWorker(end, end.died);
    let manifest: AttemptManifest | null;
    try {
      manifest = readSealedManifest(this.#folder, { runId: run.run_id, seal: this.#options.seal("manifest") });
    } catch (error) {
      const message = `the manifest of the run can't be used: ${error instanceof Error ? error.message : error}`;
      return this.#fail(describeFailure("ManifestInvalid", message), end);
    }
    if (manifest === null) return this.#fail(this.#describeSilentEnd(end), end);
    const peakMemoryBytes = manifest.peak_memory_bytes;
    if (manifest.exception !== null) {
      const failed = this.#fail(manifest.exception, { ...end, peakMemoryBytes });
      return this.#hasDiverged(manifest.exception) ? { ...failed, cutOff: true } : failed;
    }
    if (end.exitCode !== 0) return this.#fail(this.#describeSilentEnd(end), { ...end, peakMemoryBytes });
    const durationMs = this.#durationMs();
    try {
      const outputs = await judgeOutputs(manifest.outputs, { run, folders });
      const metrics = collectMetrics(run.task.outputs, outputs);
      if (metrics !== null) handlers.onSignal({ type: "metrics.reported", metrics });
      return completeAttempt({ ...end, peakMemoryBytes, durationMs, outputs, store: folders.store });
    } catch (error) {
      return await this.#refuse(manifest, describeStartError(error), end);
    }
  }

  /** The manifest tells of no success any more: the project's newest version is not one of a run that has failed. */
  async #refuse(manifest: AttemptManifest, exception: ExceptionRecord, end: ChildEnd): Promise<AttemptResult> {
    const told = { ...manifest, status: "failed" as const, outputs: {}, exception };
    await writeManifest(this.#folder, told, this.#options.seal("manifest"));
    return this.#fail(exception, { ...end, peakMemoryBytes: manifest.peak_memory_bytes });
  }

  #failWithWorker(end: ChildEnd, died: string): AttemptResult {
    const message = this.#isUnbegun ? `${died}, before the run had begun` : died;
    const failed = this.#fail(describeFailure("WorkerDied", message), end);
    const isSpared = this.#isUnbegun && this.#stopped === null && this.#options.mayBeginAgain();
    return isSpared ? { ...failed, cutOff: true } : failed;
  }

  /** The taken over results can't be kept: another attempt follows at once, which repeats all that depends on them. */
  #hasDiverged({ classes = [] }: ExceptionRecord): boolean {
    return this.#options.run.resumes?.trusting === true && classes.includes(DIVERGED_CLASS);
  }

  /** Failure of a process that ended without saying why. */
  #describeSilentEnd(end: ChildEnd): ExceptionRecord {
    if (end.exitCode === ALREADY_CLAIMED && readClaim(this.#folder)?.owner?.pid !== this.#child?.identity.pid) {
      return describeFailure("AlreadyClaimed", "another process has claimed this attempt");
    }
    const how = this.#stopped !== null && end.signal !== null ? `stopped: ${end.signal}` : formatExit(end);
    const message = end.signal === null ? `its process ended with ${how} before the run was complete` : how;
    const tail = readLogTail(this.#log, { lines: TRACEBACK_LINES, hide: this.#options.hide });
    return describeFailure("ProcessDied", message, tail || null);
  }

  #fail(raised: ExceptionRecord, ending: Partial<Ending> = {}): AttemptResult {
    const exception = hideInException(raised, this.#options.hide);
    return failAttempt({ ...ending, exception, cancelled: this.#stopped !== null, durationMs: this.#durationMs() });
  }

  #durationMs(): number {
    const sinceStart = this.#startedAt === null ? 0 : performance.now() - this.#startedAt;
    return this.#tookMs ?? sinceStart;
  }
}

/** The process may or may not have been started before the worker went. */
function describeLostStart(error: unknown): ChildEnd {
  if (error instanceof ChannelClosedError)
    return { exitCode: null, signal: null, died: `the worker died: ${error.message}`, leftBehind: [] };
  throw error;
}
