import { EnvironmentError } from "../../../core/error/environment-error.ts";
import { hideVariables } from "../../../core/variables.ts";
import { readActivity } from "../../../processes/activity.ts";
import { identifyProcess } from "../../../processes/identity.ts";
import { logLength, readLogTail } from "../../../processes/log-file.ts";
import { endGroup } from "../../../processes/signals.ts";
import type { ProcessExit } from "../../attempt-files.ts";
import { formatExit } from "../../attempt-result.ts";
import { fingerprintFiles } from "../source-fingerprint.ts";
import { ChannelClosedError, ControlChannel } from "./control-channel.ts";
import type { LeftBehind, ReadyMessage, Reply, WorkerEvent, WorkerOperation } from "./control-messages.ts";
import { joinWorker } from "./join-worker.ts";
import { type SpawnOptions, spawnWorker, type WorkerExit, type WorkerLink, type WorkerMode } from "./spawn-worker.ts";
import { watchWorker } from "./watch-worker.ts";
import { toWorkerError, WorkerLostError } from "./worker-errors.ts";

export interface WorkerOptions extends Omit<SpawnOptions, "workerFolder"> {
  link: WorkerLink;
  /** Length of its log before. */
  logStart: number;
  onBell(): void;
}

/** An attempt to start, with what its records have to carry. */
export interface StartOrder {
  runId: string;
  folder: string;
  log: string;
  seals: { exit: string; manifest: string };
}

/** End of a child of the worker; `died` if the worker went before it. */
export interface ChildEnd extends ProcessExit {
  died: string | null;
  leftBehind: LeftBehind[];
}

const TRACEBACK_LINES = 40;
/** The code of what one refuses that was told to end. */
const ENDING = "worker-ending";
/** Requests that it handles itself, one after the other. */
const LENGTHY = new Set<WorkerOperation>(["probe", "publish", "compare", "objects"]);
const CLOSE_GRACE_MS = 3_000;
const ENDING_MS = 500;
const GROUP_GRACE_MS = 1_000;

/** Starts a worker of its own for a project. Throws EnvironmentError if Python can't be started at all. */
export function startWorker(options: SpawnOptions & Pick<WorkerOptions, "onBell">): WorkerProcess {
  const logStart = logLength(options.log);
  return new WorkerProcess({ ...options, logStart, link: spawnWorker(options) });
}

/** One Python process that serves one project. */
export class WorkerProcess {
  readonly mode: WorkerMode;
  readonly pid: number | null;
  /** Rejects with EnvironmentError if the worker can't serve the project. */
  readonly ready: Promise<ReadyMessage>;
  /** Resolves with the process's end, whether it ended by itself or not. */
  readonly ended: Promise<ProcessExit>;
  readonly #options: WorkerOptions;
  readonly #channel: ControlChannel;
  readonly #ready = Promise.withResolvers<ReadyMessage>();
  readonly #exits = new Map<string, (end: ChildEnd) => void>();
  #closeReason = "its control channel is closed";
  #sources: { paths: readonly string[]; fingerprint: string } | null = null;
  #asked = 0;
  /** Number of those that keep it from answering others. */
  #lengthy = 0;
  #answered = 0;
  #restingSince = performance.now();
  #isReady = false;
  #isRetired = false;
  #isSilent = false;
  #isReleased = false;
  /** No run may be started on it: closed, ended or broken. */
  isGone = false;
  /** True if its children are sound; unknown before it is ready. */
  isForkSafe = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.mode = options.mode;
    const { identity, control, bell } = options.link;
    this.pid = identity?.pid ?? null;
    this.#channel = new ControlChannel(control, {
      onEvent: (event) => this.#onEvent(event),
      onClose: (reason) => this.#onClose(reason),
    });
    bell.on("data", () => options.onBell());
    bell.on("error", () => {});
    this.ready = this.#ready.promise;
    // A caller that needs the worker waits for `ready` later; none may, if the session ends first.
    this.ready.catch(() => {});
    this.ended = this.#waitForEnd();
    void this.ended.then(this.#watch());
  }

  /** Rejects with ChannelClosedError if the worker is gone, or was told to end. */
  async request(op: WorkerOperation, fields: Record<string, unknown>): Promise<Reply> {
    this.#asked += 1;
    this.#lengthy += Number(LENGTHY.has(op));
    try {
      return await this.#send(op, fields);
    } finally {
      this.#asked -= 1;
      this.#answered += 1;
      this.#lengthy -= Number(LENGTHY.has(op));
      this.#restingSince = performance.now();
    }
  }

  /** Milliseconds since it last had something to do, importing the project included; 0 while it has. */
  get idleMs(): number {
    const isBusy = !this.#isReady || this.#exits.size > 0 || this.#asked > 0;
    return isBusy ? 0 : performance.now() - this.#restingSince;
  }

  /** True if a module that it has loaded, of the project or beside it, is another one on disk now. */
  get isOutdated(): boolean {
    return this.#sources !== null && fingerprintFiles(this.#sources.paths) !== this.#sources.fingerprint;
  }

  /**
   * Asks for a worker for another environment of its project, which is forked from it instead of importing everything again. Null if
   * that can't be: it has answered for its own environment, or what it has imported may be of that one alone.
   */
  async forkSibling(env: string | null, { socket, log }: { socket: string; log: string }): Promise<WorkerLink | null> {
    try {
      const { conf_source } = this.#options.project;
      const reply = await this.request("sibling", { env, conf_source, socket, log });
      if (!reply.ok || !Number.isSafeInteger(reply.pid)) return null;
      return await joinWorker(socket, identifyProcess(Number(reply.pid)));
    } catch {
      // The caller starts a worker of its own, which reports the fault.
      return null;
    }
  }

  async #send(op: string, fields: Record<string, unknown>): Promise<Reply> {
    const reply = await this.#channel.request(op, fields);
    if (!reply.ok && reply.error.code === ENDING) throw new ChannelClosedError(reply.error.message);
    return reply;
  }

  /** Starts an attempt; `exit` resolves when its process group is gone. Rejects as `request` does. */
  async startAttempt({ runId, folder, log, seals }: StartOrder) {
    const exit = Promise.withResolvers<ChildEnd>();
    this.#exits.set(runId, exit.resolve);
    if (this.mode === "once") this.isGone = true;
    try {
      const reply = await this.#send("start", { folder, log, seals });
      if (!reply.ok) this.#forgetRun(runId);
      return { reply, exit: exit.promise };
    } catch (error) {
      this.#forgetRun(runId);
      throw error;
    }
  }

  /** Signals the worker's own process group; a worker of mode `once` is its run. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#isReleased) this.#options.link.signal(signal);
  }

  /** Takes no more runs; the worker ends after the last of those under way. */
  retire(): void {
    this.isGone = true;
    this.#isRetired = true;
    if (this.#exits.size === 0) this.#channel.close();
  }

  /** Leaves the worker and its runs to themselves: it takes no more work, and ends after the last of them. */
  release(): void {
    this.isGone = true;
    this.#isReleased = true;
    this.#channel.close();
    this.#options.link.unref();
  }

  /** Lets the worker end by itself, its runs included, then makes it. Resolves when its process group is gone. */
  async close(): Promise<void> {
    if (this.#isReleased) return;
    this.isGone = true;
    // The worker would not notice before it has imported the project.
    if (!this.#isReady) this.signal("SIGTERM");
    this.#channel.close();
    await this.#endWithin(CLOSE_GRACE_MS);
  }

  /** A zygote that hangs reports no ends: its runs would never end. Those that still go on are lost with it. */
  #watch(): () => void {
    // One of mode `once` is its run, whose end the system reports.
    const isWaitedFor = () => this.mode === "fork" && (this.#exits.size > 0 || this.#asked > 0);
    return watchWorker({
      environment: this.#options.environment,
      isAwaited: () => this.#isReady && this.#lengthy === 0 && isWaitedFor(),
      ask: () => this.#channel.request("ping", {}),
      lengthyWork: () =>
        this.#isReady && this.#lengthy === 0 ? null : { part: this.#answered, mayTakeForever: !this.#isReady },
      readActivity: () => (this.pid === null ? null : readActivity(this.pid)),
      onSilent: (seconds) => {
        if (this.#isReleased) return;
        this.isGone = this.#isSilent = true;
        this.#closeReason = `it had not answered for ${seconds} s`;
        this.#channel.abandon(this.#closeReason);
        this.signal("SIGKILL");
      },
    });
  }

  async #endWithin(graceMs: number): Promise<void> {
    const impatience = setTimeout(() => this.signal("SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(impatience);
  }

  #onEvent(event: WorkerEvent): void {
    switch (event.event) {
      case "ready":
        this.#isReady = true;
        this.isForkSafe = event.fork_safe;
        this.#restingSince = performance.now();
        this.#noteSources(event.sources ?? []);
        this.#ready.resolve(event);
        break;
      case "fork_unsafe":
        this.isForkSafe = false;
        break;
      case "ending":
        this.retire();
        break;
      case "failed":
        this.isGone = true;
        this.#ready.reject(toWorkerError(event.error));
        break;
      case "exit":
        this.#endRun(event.run_id, {
          ...{ exitCode: event.exit_code, signal: event.signal },
          ...{ died: null, leftBehind: event.left_behind },
        });
        break;
      default:
        event satisfies never;
    }
  }

  #noteSources(paths: readonly string[]): void {
    this.#sources = { paths, fingerprint: fingerprintFiles(paths) };
  }

  #endRun(runId: string, end: ChildEnd): void {
    this.#exits.get(runId)?.(end);
    this.#restingSince = performance.now();
    this.#forgetRun(runId);
  }

  #forgetRun(runId: string): void {
    this.#exits.delete(runId);
    if (this.#isRetired && this.#exits.size === 0) this.#channel.close();
  }

  /** A zygote that can't be talked to is of no use, and its runs can't be stopped: it is asked to end them. */
  #onClose(reason: ChannelClosedError): void {
    const isExpected = this.isGone;
    this.isGone = true;
    if (isExpected) return;
    this.#closeReason = reason.message;
    // One that is ending anyway closes the channel first; a signal would only hide why it ends.
    const request = setTimeout(() => this.signal("SIGTERM"), ENDING_MS);
    void this.#endWithin(CLOSE_GRACE_MS).then(() => clearTimeout(request));
  }

  async #waitForEnd(): Promise<ProcessExit> {
    const { exit: ending, identity } = this.#options.link;
    const exit = await ending;
    this.isGone = true;
    if (identity !== null) await endGroup(identity, GROUP_GRACE_MS);
    this.#ready.reject(this.#describeFailedStart(exit));
    const died = this.mode === "once" ? null : `the worker died: ${formatExit(exit)}; ${this.#closeReason}`;
    for (const runId of [...this.#exits.keys()]) this.#endRun(runId, { ...exit, died, leftBehind: [] });
    return exit;
  }

  #describeFailedStart(exit: WorkerExit): Error {
    const { project, log, logStart } = this.#options;
    const what = exit.error ?? `${formatExit(exit)}${this.#isSilent ? `; ${this.#closeReason}` : ""}`;
    const hide = hideVariables([], process.env);
    const traceback = readLogTail(log, { lines: TRACEBACK_LINES, fromByte: logStart, hide }) || null;
    const message = `the worker of ${project.project_path} did not start (${project.python}): ${what}`;
    const complaint = { code: "worker-died", message, hint: `see ${log}`, traceback };
    // One that ends by itself would do so again.
    const isLost = exit.exitCode === null && exit.error === undefined;
    return isLost ? new WorkerLostError(complaint) : new EnvironmentError(complaint);
  }
}
