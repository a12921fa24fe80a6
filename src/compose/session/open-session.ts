import { resolve } from "node:path";
import type { RunOutcome } from "../../core/event/event.ts";
import { formatTime } from "../../core/port/clock.ts";
import { NO_RESOURCES } from "../../core/resources.ts";
import { isDone, type RunRecord, type SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { readAmounts } from "../../define/fields/read-resources.ts";
import { readStore } from "../../define/fields/read-store.ts";
import { createGate, createLimit, type Gate, type Limit } from "../../execute/limit.ts";
import type { UpstreamAttempt } from "../../resolve/resolve-run.ts";
import { type CapturedCode, captureCode } from "../capture/capture-origin.ts";
import { emitWarnings } from "../home/state-warnings.ts";
import { measureCapacity } from "../prepare/measure-capacity.ts";
import { chooseParallelism, openWorkspace, type Workspace } from "../workspace.ts";
import { LiveSession } from "./live-session.ts";
import { declareRun, openingEvents } from "./run-session.ts";
import { RunFailedError, type RunHandle, type ScriptRun, toHandle } from "./script-run.ts";
import { ScriptRuns } from "./script-runs.ts";
import type { OpenSessionOptions, ScriptSession } from "./script-session.ts";
import { FIRST_EPOCH, takeOwnership } from "./session-lease.ts";

const SCRIPT_NAME = "script";

/** Opens a session for a script: the same planner, resolver, machine and registry as for a workflow file. */
export async function openSession(options: OpenSessionOptions = {}): Promise<ScriptSession> {
  const from = process.cwd();
  // What is wrong with it, the first run's plan says.
  const { store } = readStore(from, options.store, []);
  const workspace = openWorkspace({ registry: options.registry, from, store });
  emitWarnings(workspace.warnings);
  try {
    const code = await captureCode(resolve(from, options.project ?? "."), {
      root: workspace.folders.root,
      capture: options.capture,
    });
    const session = new OpenSession(workspace, options, from);
    session.begin(code);
    return session;
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

class OpenSession implements ScriptSession {
  readonly sessionId: SessionId;
  readonly #workspace: Workspace;
  readonly #options: OpenSessionOptions;
  readonly #from: string;
  readonly #session: LiveSession;
  readonly #runs: ScriptRuns;
  readonly #limit: Limit;
  readonly #gate: Gate;
  readonly #upstream: UpstreamAttempt[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<SessionRecord> | null = null;

  constructor(workspace: Workspace, options: OpenSessionOptions, from: string) {
    this.#workspace = workspace;
    this.#options = options;
    this.#from = from;
    this.sessionId = workspace.ids.nextSessionId();
    const { registry: _, reporters, signal, ...header } = options;
    this.#runs = new ScriptRuns({ name: SCRIPT_NAME, ...header }, from);
    const maxParallel = chooseParallelism({ maxParallel: options.max_parallel ?? null });
    this.#limit = createLimit(maxParallel);
    const capacity = measureCapacity(readAmounts(options.resources, ["resources"], []));
    this.#gate = createGate({ maxParallel, capacity });
    const identity = { sessionId: this.sessionId, epoch: FIRST_EPOCH, startMs: workspace.clock.now() };
    this.#session = new LiveSession({ workspace, reporters, interrupt: signal }, identity);
  }

  begin(code: CapturedCode): void {
    const { name = SCRIPT_NAME, project } = this.#options;
    const project_path = project === undefined ? null : resolve(this.#from, project);
    const plan = { workflow: name, file: null, project_path, runs: [] };
    const claim = takeOwnership(this.#workspace.clock, FIRST_EPOCH);
    const opening = openingEvents({ ...this.#stamp(), plan, ...code, claim, commandLine: process.argv.slice(1) });
    this.#session.declare(plan, opening);
    this.#session.begin();
  }

  async run(run: ScriptRun): Promise<RunHandle> {
    if (this.#closed !== null) throw new Error("the session is closed");
    const work = this.#execute(this.#runs.declare(run));
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  close(): Promise<SessionRecord> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #execute(name: string): Promise<RunHandle> {
    const plan = await this.#limit(() => this.#runs.prepare(name, this.#workspace));
    const { time, sessionId } = this.#stamp();
    const runs = plan.runs.map(declareRun);
    this.#session.declare(plan, [{ type: "runs.declared", time, session_id: sessionId, runs }]);
    const execution = { maxParallel: 1, totalRuns: this.#runs.count, past: { upstream: this.#upstream } };
    const resources = plan.runs[0]?.resources ?? NO_RESOURCES;
    const [outcome] = await this.#gate({ run: name, resources }, () => this.#session.execute(plan, execution));
    const record = this.#findRecord(name, outcome);
    if (!isDone(record.status) || record.run_id === null) throw new RunFailedError(record);
    this.#upstream.push({ run: name, run_id: record.run_id, outputs: record.outputs });
    return toHandle(record, record.run_id);
  }

  /** The run_id of a reused run, or of none, leads to no record of this session. */
  #findRecord(name: string, outcome: RunOutcome | undefined): RunRecord {
    const { registry } = this.#workspace;
    const own = outcome?.status === "reused" ? null : (outcome?.run_id ?? null);
    const inSession = () => registry.findSession(this.sessionId)?.runs.find(({ run }) => run === name);
    const record = own === null ? inSession() : registry.findRun(own);
    if (record == null) throw new Error(`the registry has lost run ${name}`);
    return record;
  }

  async #end(): Promise<SessionRecord> {
    await using workspace = new AsyncDisposableStack();
    workspace.defer(() => this.#workspace.close());
    using session = this.#session;
    await Promise.allSettled(this.#underWay);
    const { record, cleanUpFaults, hookFaults } = await session.end();
    for (const fault of [...cleanUpFaults, ...hookFaults]) process.emitWarning(fault, "runweave");
    return record;
  }

  #stamp(): { sessionId: SessionId; time: string } {
    return { sessionId: this.sessionId, time: formatTime(this.#workspace.clock.now()) };
  }
}
