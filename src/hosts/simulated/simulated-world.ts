import type { AttemptSignal } from "../../core/event/attempt-event.ts";
import type { Recovery } from "../../core/port/recovery.ts";
import type { Attempt, AttemptHandlers, AttemptResult } from "../../core/port/runner.ts";
import type { RunId } from "../../core/run-id.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A process of the simulation, which outlives its orchestrator. */
export interface SimulatedProcess {
  /** Start of the process, by the wall clock. */
  startedMs: number;
  isOver: boolean;
  /** Signals so far, as the file of its events holds them. */
  told: AttemptSignal[];
  result: Promise<AttemptResult>;
  stop(how: "interrupt" | "kill"): void;
  /** Ends it without a record of how. */
  die(): void;
}

/** World that outlives the orchestrators of a simulation: time, the disk, and the processes of attempts. */
export class SimulatedWorld {
  readonly clock: VirtualClock;
  /** The locations of whole versions. */
  readonly disk: Set<string>;
  /** Starts of attempts, noted by the attempts themselves, where no registry looks. */
  readonly witnesses: RunId[] = [];
  readonly processes = new Map<RunId, SimulatedProcess>();
  /** Attempts that an orchestrator took so that no process ever begins them. */
  readonly givenUp = new Set<RunId>();

  constructor(startMs: number, disk = new Set<string>()) {
    this.clock = new VirtualClock(startMs);
    this.disk = disk;
  }

  /** Ends all processes as a loss of power does: their results are unknown. */
  loseProcesses(): void {
    for (const process of this.processes.values()) if (!process.isOver) process.die();
  }
}

/** Goes on with attempts of an orchestrator that is gone, of which so many signals are on record. */
export function createSimulatedRecovery(world: SimulatedWorld, told: (runId: RunId) => number): Recovery {
  const { processes, givenUp, clock } = world;
  return {
    inspect: ({ run_id }) => {
      const process = processes.get(run_id);
      if (process === undefined) return { claim: givenUp.has(run_id) ? "given-up" : "none", startedMs: null };
      return { claim: process.isOver ? "gone" : "alive", startedMs: process.startedMs };
    },
    claim: ({ run_id }) => {
      if (processes.has(run_id) || givenUp.has(run_id)) return false;
      givenUp.add(run_id);
      return true;
    },
    adopt: ({ run_id }, handlers) => {
      const process = processes.get(run_id);
      if (process === undefined) throw new Error(`${run_id} was never begun`);
      return adopt(process, { handlers, clock, from: told(run_id), runId: run_id });
    },
  };
}

interface Adoption {
  handlers: AttemptHandlers;
  clock: VirtualClock;
  /** Number of its signals that are on record. */
  from: number;
  runId: RunId;
}

function adopt(process: SimulatedProcess, { handlers, clock, from, runId }: Adoption): Attempt {
  const begun = Promise.withResolvers<void>();
  clock.after(0, () => {
    handlers.onStarted({ pid: null, log: `simulated:${runId}` });
    begun.resolve();
  });
  const result = begun.promise.then(async () => {
    const end = await process.result;
    for (const signal of process.told.slice(from)) handlers.onSignal(signal);
    return end;
  });
  return { result, stop: (how) => process.stop(how), release: () => {} };
}
