import { resolve } from "node:path";
import { formatTime } from "../../core/clock.ts";
import type { SliceFacts } from "../../core/project-facts.ts";
import type { Reporter } from "../../core/reporter.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Run, Workflow } from "../../define/define-workflow.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { parseWorkflow } from "../../define/parse.ts";
import { readStore } from "../../define/read-store.ts";
import { createLimit, type Limit } from "../../execute/limit.ts";
import { expandRuns } from "../../plan/expand.ts";
import type { ExpandedRun, FrozenInput, Plan, PlannedRun } from "../../plan/plan.ts";
import { planRuns } from "../../plan/plan-workflow.ts";
import type { UpstreamAttempt } from "../../resolve/resolve-run.ts";
import { type CapturedCode, captureCode } from "../capture/capture-origin.ts";
import { freezeInputs } from "../freeze/freeze-inputs.ts";
import { freezePlainFiles } from "../freeze/freeze-plain-files.ts";
import { checkModules } from "../prepare/check-modules.ts";
import { probeRuns } from "../prepare/probe-runs.ts";
import { contentCachePath, openContentCache } from "../reuse/content-cache.ts";
import { valueOrThrow, WorkflowError } from "../workflow-error.ts";
import { defaultParallelism, emitWarnings, openWorkspace, type Workspace } from "../workspace.ts";
import { claimSession } from "./hold-session.ts";
import { LiveSession } from "./live-session.ts";
import { declareRun, FIRST_EPOCH, openingEvents } from "./run-session.ts";
import {
  declareScriptRun,
  nameScriptRun,
  RunFailedError,
  type RunHandle,
  type ScriptRun,
  toHandle,
} from "./script-run.ts";

/** A script's run is planned alone, once it is asked for. */
const EMPTY_PLAN: Plan = {
  workflow: "",
  file: null,
  project_path: null,
  maxParallel: 1,
  onFailure: "continue",
  capacity: null,
  publish: [],
  runs: [],
};

/** What holds for every run of the session, as at the top of a workflow file. Relative paths are to the working folder. */
export interface OpenSessionOptions extends Omit<Workflow, "runs" | "publish" | "on_failure"> {
  /** The state folder; default: the nearest `.runweave/`. */
  registry?: string;
  reporters?: readonly Reporter[];
  /** Ends the runs under way, and the session. */
  signal?: AbortSignal;
}

/** A session whose runs a script decides on as it goes. */
export interface ScriptSession extends AsyncDisposable {
  readonly sessionId: SessionId;
  /**
   * Runs one pipeline or command to its end. Throws WorkflowError if it can't be planned, EnvironmentError if its project
   * can't be asked, RunFailedError if it fails.
   */
  run(run: ScriptRun): Promise<RunHandle>;
  /** Waits for the runs under way, ends every process of the session and closes its record. */
  close(): Promise<SessionRecord>;
}

/** Opens a session for a script: the same planner, resolver, machine and registry as for a workflow file. */
export async function openSession(options: OpenSessionOptions = {}): Promise<ScriptSession> {
  const from = process.cwd();
  // What is wrong with it, the first run's plan says.
  const { store } = readStore(from, options.store, []);
  const workspace = openWorkspace({ registry: options.registry, from, store });
  emitWarnings(workspace);
  const code = await captureCode(resolve(from, options.project ?? "."), workspace.folders.root);
  const session = new OpenSession(workspace, options, from);
  session.begin(code);
  return session;
}

class OpenSession implements ScriptSession {
  readonly sessionId: SessionId;
  readonly #workspace: Workspace;
  readonly #options: OpenSessionOptions;
  readonly #from: string;
  readonly #session: LiveSession;
  readonly #startMs: number;
  readonly #limit: Limit;
  readonly #declared = new Map<string, Run>();
  readonly #facts = new Map<string, SliceFacts>();
  readonly #frozen = new Map<string, Readonly<Record<string, FrozenInput>>>();
  readonly #upstream: UpstreamAttempt[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<SessionRecord> | null = null;

  constructor(workspace: Workspace, options: OpenSessionOptions, from: string) {
    this.#workspace = workspace;
    this.#options = options;
    this.#from = from;
    this.sessionId = workspace.ids.nextSessionId();
    this.#startMs = workspace.clock.now();
    this.#limit = createLimit(options.max_parallel ?? defaultParallelism());
    const { reporters, signal } = options;
    const identity = { sessionId: this.sessionId, epoch: FIRST_EPOCH, startMs: this.#startMs };
    this.#session = new LiveSession({ workspace, reporters, interrupt: signal }, identity);
  }

  begin(code: CapturedCode): void {
    const { name = "script", project } = this.#options;
    const project_path = project === undefined ? null : resolve(this.#from, project);
    const plan = { workflow: name, file: null, project_path, runs: [] };
    const claim = claimSession(this.#workspace.clock, FIRST_EPOCH);
    const opening = openingEvents({ ...this.#stamp(), plan, ...code, claim, commandLine: process.argv.slice(1) });
    this.#session.begin(() => opening);
  }

  async run(run: ScriptRun): Promise<RunHandle> {
    if (this.#closed !== null) throw new Error("the session is closed");
    const name = this.#freeName(nameScriptRun(run));
    this.#declared.set(name, declareScriptRun(run));
    const work = this.#limit(() => this.#execute(name));
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
    const planned = await this.#plan(name);
    const { time, sessionId } = this.#stamp();
    this.#session.emit([{ type: "runs.declared", time, session_id: sessionId, runs: [declareRun(planned)] }]);
    const execution = { maxParallel: 1, totalRuns: this.#declared.size, past: { upstream: this.#upstream } };
    const [outcome] = await this.#session.execute({ ...EMPTY_PLAN, runs: [planned] }, execution);
    const record = this.#findRecord(name, outcome?.run_id ?? null);
    if (record.status !== "success" || record.run_id === null) throw new RunFailedError(record);
    this.#upstream.push({ run: name, run_id: record.run_id, outputs: record.outputs });
    return toHandle(record, record.run_id);
  }

  #findRecord(name: string, runId: RunId | null): RunRecord {
    const { registry } = this.#workspace;
    const inSession = () => registry.findSession(this.sessionId)?.runs.find(({ run }) => run === name);
    const record = runId === null ? inSession() : registry.findRun(runId);
    if (record == null) throw new Error(`the registry has lost run ${name}`);
    return record;
  }

  /** Plans the run among those that it depends on; their places in the project are known already. */
  async #plan(name: string): Promise<PlannedRun> {
    const { registry: _, reporters: __, signal: ___, ...header } = this.#options;
    const runs = Object.fromEntries(this.#ancestry(name).map((run) => [run, this.#declared.get(run)]));
    const context = { file: null, dir: this.#from, locate: () => null };
    const definition = valueOrThrow(parseWorkflow({ ...header, runs }, context));
    const expanded = valueOrThrow(expandRuns(definition, process.env));
    const unknown = expanded.filter(({ run }) => !this.#facts.has(run));
    const { facts, problems, fault } = await probeRuns(unknown, { probe: this.#workspace.probe, definition });
    const own = expanded.filter(({ run }) => run === name);
    const found = [...checkModules(definition, own), ...problems];
    if (found.length > 0) throw new WorkflowError(found);
    if (fault !== null) throw fault.error;
    for (const [run, slice] of facts) this.#facts.set(run, slice);
    await this.#freeze(expanded, definition);
    const plan = valueOrThrow(planRuns(definition, expanded, this.#facts, this.#frozen));
    // Made anew: between two runs of a script a file may change.
    const stateFolder = this.#workspace.folders.root;
    const content = openContentCache(contentCachePath(stateFolder), Date.now);
    const seen = await freezePlainFiles(plan.runs, { facts: this.#facts, content, stateFolder });
    content.save();
    const planned = seen.find(({ run }) => run === name);
    if (planned === undefined) throw new Error(`the plan has lost run ${name}`);
    return { ...planned, index: this.#declared.size - 1 };
  }

  /** What earlier runs of the session took from outside is not looked at again: it may have changed since. */
  async #freeze(runs: readonly ExpandedRun[], definition: WorkflowDefinition): Promise<void> {
    const unknown = runs.filter(({ run }) => !this.#frozen.has(run));
    const { frozen, problems } = await freezeInputs(unknown, { definition, registry: this.#workspace.earlier });
    if (problems.length > 0) throw new WorkflowError(problems);
    for (const [run, inputs] of frozen) this.#frozen.set(run, inputs);
  }

  /** The run and all that it depends on, upstream first. */
  #ancestry(name: string): string[] {
    const found = new Set([name]);
    for (const run of found) {
      const { consumes = {}, needs = [] } = this.#declared.get(run) ?? {};
      for (const consumed of Object.values(consumes)) {
        if (typeof consumed === "string") found.add(consumed);
        else if ("run" in consumed) found.add(consumed.run);
      }
      for (const upstream of needs) found.add(upstream);
    }
    return [...found].reverse();
  }

  #freeName(name: string): string {
    let free = name;
    for (let n = 2; this.#declared.has(free); n++) free = `${name}_${n}`;
    return free;
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
