import { createHash } from "node:crypto";
import type { AttemptFault, DurationRange } from "../../core/answer/fault.ts";
import type { AttemptSignal } from "../../core/event/attempt-event.ts";
import { hasCatalog, isProcess, KINDS } from "../../core/kinds.ts";
import { ORCHESTRATOR_DIED } from "../../core/port/recovery.ts";
import type {
  Attempt,
  AttemptHandlers,
  AttemptResult,
  ResolvedRun,
  RunnerTable,
  Task,
} from "../../core/port/runner.ts";
import type { ExceptionRecord, VersionRecord } from "../../core/run.ts";
import { listInputs } from "../../core/select-reads.ts";
import { listWrites } from "../../plan/places/settle-reads.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { type Draw, drawFrom } from "./chance.ts";
import type { FaultTable } from "./fault-table.ts";
import type { SimulatedProcess, SimulatedWorld } from "./simulated-world.ts";

/** Durations of a run that were seen, ascending, in milliseconds; any between two neighbours is as likely. Never empty. */
export type DurationModel = (run: string) => readonly number[];

export interface RunnerModel {
  world: SimulatedWorld;
  seed: string;
  faults: FaultTable;
  durations: DurationModel;
  planned: ReadonlyMap<string, PlannedRun>;
  /** True if the orchestrator has crashed: it starts no run and hears no event any more. */
  hasCrashed(): boolean;
}

/** Time that a run takes to end after it was asked to stop, or killed. */
const STOP: DurationRange = { leastMs: 50, mostMs: 500 };
const KILL_MS = 10;

/** Runners without processes, for every kind of run: what an attempt does follows from the seed, its name and its number. */
export function createSimulatedRunners(model: RunnerModel): RunnerTable {
  const start = (run: ResolvedRun, handlers: AttemptHandlers): Attempt => {
    const never = new Promise<AttemptResult>(() => {});
    if (model.hasCrashed()) return { result: never, stop: () => {}, release: () => {} };
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    const { world } = model;
    world.witnesses.push(run.run_id);
    const attempt = new SimulatedAttempt(model, { run, handlers, resolve, result: promise });
    world.processes.set(run.run_id, attempt);
    // An orchestrator that is gone sends no stop.
    const stop = (how: "interrupt" | "kill") => (model.hasCrashed() ? undefined : attempt.stop(how));
    return { result: promise, stop, release: () => {} };
  };
  const kinds = new Set(Array.from(model.planned.values(), ({ task }) => task.kind));
  const runners = Array.from(kinds, (kind) => [kind, { kind, start, close: async () => {} }]);
  return Object.fromEntries(runners) as RunnerTable;
}

interface Call {
  run: ResolvedRun;
  handlers: AttemptHandlers;
  result: Promise<AttemptResult>;
  resolve(result: AttemptResult): void;
}

class SimulatedAttempt implements SimulatedProcess {
  readonly startedMs: number;
  readonly told: AttemptSignal[] = [];
  readonly result: Promise<AttemptResult>;
  isOver = false;
  readonly #model: RunnerModel;
  readonly #call: Call;
  readonly #draw: Draw;
  readonly #startMs: number;
  #dropEnd: () => void = () => {};

  constructor(model: RunnerModel, call: Call) {
    const { run } = call;
    this.#model = model;
    this.#call = call;
    this.#draw = drawFrom(model.seed, `${run.run}\0${run.attempt}`);
    const { clock } = model.world;
    this.result = call.result;
    this.startedMs = clock.now();
    this.#startMs = clock.elapsedMs;
    this.#dropEnd = clock.after(0, () => this.#begin());
  }

  stop(how: "interrupt" | "kill"): void {
    const { faults, world } = this.#model;
    if (this.isOver) return;
    if (how === "interrupt" && faults.isStubborn(this.#call.run.run)) return;
    this.#dropEnd();
    const delayMs = how === "kill" ? KILL_MS : within(STOP, this.#draw);
    this.#dropEnd = world.clock.after(delayMs, () => this.#fail(describe("Interrupted", "it was asked to stop")));
  }

  die(): void {
    this.#dropEnd();
    this.#fail(describe(ORCHESTRATOR_DIED, "nobody saw how it ended"), true);
  }

  #begin(): void {
    const { world, faults } = this.#model;
    const { run, handlers } = this.#call;
    // Draws both numbers in any case, so that an attempt has the same luck under every script.
    const [lengthLuck, momentLuck] = [this.#draw(), this.#draw()];
    const strike = faults.strikeOn(run.run, run.attempt, this.#draw);
    const durationMs = this.#chooseDuration(lengthLuck);
    handlers.onStarted({ pid: null, log: `simulated:${run.run_id}` });
    if (hasCatalog(run.task)) this.#reportLoads();
    if (strike?.kind === "hangs") return;
    const endMs = strike === null || strike.kind === "loses" ? durationMs : momentOf(strike, durationMs, momentLuck);
    this.#dropEnd = world.clock.after(endMs, () => this.#end(strike));
  }

  #chooseDuration(luck: number): number {
    const { faults, durations } = this.#model;
    const { run } = this.#call.run;
    const said = faults.durationOf(run);
    const lengthMs = said === null ? quantile(durations(run), luck) : within(said, () => luck);
    return Math.round(lengthMs * faults.factorOf(run));
  }

  #reportLoads(): void {
    for (const [dataset, { version }] of listInputs(this.#call.run)) {
      const { location } = version;
      this.#tell({ type: "dataset.loaded", dataset, version: version.version, location, node: null });
    }
  }

  #tell(signal: AttemptSignal): void {
    this.told.push(signal);
    this.#call.handlers.onSignal(signal);
  }

  #end(strike: AttemptFault | null): void {
    const { task } = this.#call.run;
    if (strike?.kind === "fails") this.#fail(describeFailure(task, strike.type));
    else if (strike?.kind === "dies") this.#fail(describeDeath(task));
    else this.#succeed(this.#save(strike?.kind === "loses"));
  }

  #succeed(outputs: Record<string, VersionRecord>): void {
    if (hasCatalog(this.#call.run.task)) {
      for (const [dataset, { version, location }] of Object.entries(outputs))
        this.#tell({ type: "dataset.saved", dataset, version, location, node: null });
    }
    this.#resolve({ status: "success", exitCode: 0, outputs, exception: null });
  }

  #save(isLost: boolean): Record<string, VersionRecord> {
    const { run } = this.#call;
    const planned = this.#model.planned.get(run.run);
    const writes = planned === undefined ? [] : listWrites(planned);
    const inputs = listInputs(run).map(([dataset, { version }]) => [dataset, version.hash]);
    const outputs = writes.map((dataset) => {
      const location = `simulated:${run.run_id}/${dataset}`;
      if (!isLost) this.#model.world.disk.add(location);
      // Equal inputs give equal content, in every attempt.
      const hash = createHash("sha256")
        .update(JSON.stringify([run.run, dataset, inputs]))
        .digest("hex");
      const version: VersionRecord = {
        ...{ version: run.run_id, location, bytes: 0, hash: `sha256:${hash}` },
        ...{ entry: null, plain_location: null },
      };
      return [dataset, version] as const;
    });
    return Object.fromEntries(outputs);
  }

  #fail(exception: ExceptionRecord, cutOff = false): void {
    this.#resolve({ status: "failed", exitCode: 1, outputs: {}, exception, cutOff });
  }

  #resolve(end: Pick<AttemptResult, "status" | "exitCode" | "outputs" | "exception" | "cutOff">): void {
    this.isOver = true;
    const durationMs = this.#model.world.clock.elapsedMs - this.#startMs;
    const rest = { cancelled: false, timedOut: false, signal: null, outputsLocation: null, peakMemoryBytes: null };
    this.#call.resolve({ ...end, ...rest, durationMs });
  }
}

function momentOf(fault: AttemptFault & { afterMs: DurationRange | null }, durationMs: number, luck: number): number {
  return fault.afterMs === null ? Math.round(durationMs * luck) : within(fault.afterMs, () => luck);
}

function within({ leastMs, mostMs }: DurationRange, draw: Draw): number {
  return Math.round(leastMs + (mostMs - leastMs) * draw());
}

/** The value of which a share of `part` is smaller, between its neighbours in an ascending list. */
export function quantile(ascending: readonly number[], part: number): number {
  const place = part * (ascending.length - 1);
  const below = ascending[Math.floor(place)] ?? 0;
  const above = ascending[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Describes a failure as `retries.on` would find it: a command has one exception, and every other one has the base
 * classes of its language.
 */
function describeFailure({ kind }: Task, type: string | null): ExceptionRecord {
  const { baseClasses } = KINDS[kind];
  const hasClasses = baseClasses.length > 0;
  const exception = describe(type ?? (hasClasses ? "Error" : "CommandFailed"), "as the fault script says");
  return hasClasses ? { ...exception, classes: [...baseClasses] } : exception;
}

function describeDeath({ kind }: Task): ExceptionRecord {
  return describe(isProcess({ kind }) ? "CommandFailed" : "ProcessDied", "killed by SIGKILL");
}

function describe(type: string, message: string): ExceptionRecord {
  return { type, message, node: null, traceback: null, cause: null };
}
