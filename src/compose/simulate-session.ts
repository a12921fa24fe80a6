import { formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { FaultRule } from "../core/fault.ts";
import type { Registry } from "../core/registry.ts";
import type { ExceptionRecord, SessionStatus } from "../core/run.ts";
import { createIdSource, type RunId, type SessionId } from "../core/run-id.ts";
import type { AttemptResult } from "../core/runner.ts";
import { executePlan } from "../execute/execute-plan.ts";
import { drawFrom, drawHex } from "../hosts/simulated/chance.ts";
import { driveClock } from "../hosts/simulated/drive-clock.ts";
import { FaultTable } from "../hosts/simulated/fault-table.ts";
import { watchSessionFaults } from "../hosts/simulated/session-faults.ts";
import { createSimulatedRunners, type DurationModel } from "../hosts/simulated/simulated-runner.ts";
import { type RunSpan, Timeline } from "../hosts/simulated/timeline.ts";
import { VirtualClock } from "../hosts/simulated/virtual-clock.ts";
import type { Plan } from "../plan/plan.ts";
import { judgeSession } from "./conduct-session.ts";
import { openingEvents } from "./run-session.ts";

const START_MS = Date.UTC(2026, 0, 1);

export interface SimulationOptions {
  plan: Plan;
  /** Everything that is left to chance follows from it. */
  seed: string;
  maxParallel: number;
  faults: readonly FaultRule[];
  durations: DurationModel;
  /** Checks every event by its rules; a memory registry, usually. */
  registry: Registry;
  /** The locations of what is on the simulated disk, before and after; default: nothing yet. */
  disk?: Set<string>;
}

/** One session that never was. */
export interface SimulatedSession {
  sessionId: SessionId;
  /** `crashed`: the orchestrator was gone before the end; `hung`: something would never have ended. */
  status: Exclude<SessionStatus, "running"> | "crashed" | "hung";
  /** Until the last event, in milliseconds. */
  makespanMs: number;
  spans: RunSpan[];
  /** The locations of what is on the simulated disk. */
  disk: ReadonlySet<string>;
  /** Each start of an attempt, as its own process told it. */
  witnesses: readonly RunId[];
}

/**
 * Takes a plan through the very machine, schedule and loop that run it for good, under a clock that costs no time and runners
 * that follow a model. The same options give the same events to the last digit. Rejects with what the registry throws.
 */
export async function simulateSession(options: SimulationOptions): Promise<SimulatedSession> {
  const { plan, seed, registry } = options;
  const clock = new VirtualClock(START_MS);
  const digits = drawFrom(seed, "ids");
  const ids = createIdSource(clock, (count) => drawHex(digits, count));
  const sessionId = ids.nextSessionId();
  const faults = watchSessionFaults(options.faults, clock);
  const timeline = new Timeline();
  const { disk = new Set<string>() } = options;
  const emit = (events: readonly RunEvent[]): void => {
    faults.beforeWrite();
    if (faults.hasCrashed) return;
    registry.append(events);
    timeline.take(events, clock.elapsedMs);
    faults.afterWrite(events);
  };
  emit(
    openingEvents({
      sessionId,
      plan,
      git: NO_GIT,
      origin: undefined,
      claim: undefined,
      commandLine: [],
      time: formatTime(clock.now()),
    }),
  );
  const hasCrashed = () => faults.hasCrashed;
  const planned = new Map(plan.runs.map((run) => [run.run, run]));
  const witnesses: RunId[] = [];
  const model = { witnesses, clock, seed, planned, disk, hasCrashed, durations: options.durations };
  const work = executePlan({
    ...{ plan, sessionId, clock, ids, emit, maxParallel: options.maxParallel },
    runners: createSimulatedRunners({ ...model, faults: new FaultTable(options.faults) }),
    verify: async (result) => findLoss(result, disk),
    interrupt: faults.interrupt,
    kill: faults.kill,
    random: drawFrom(seed, "jitter"),
  });
  const driven = await driveClock(work, { clock, hasCrashed });
  const makespanMs = clock.elapsedMs;
  if (driven.end === "finished") {
    const end = { time: formatTime(clock.now()), session_id: sessionId, duration_ms: makespanMs, runs: driven.value };
    emit([{ type: "session.finished", ...end, status: judgeSession(driven.value) }]);
  }
  const status = hasCrashed() ? "crashed" : driven.end === "finished" ? judgeSession(driven.value) : driven.end;
  return { sessionId, status, makespanMs, spans: timeline.spans(plan.runs, makespanMs), disk, witnesses };
}

const NO_GIT = { commit: null, dirty: null };

function findLoss({ outputs }: AttemptResult, disk: ReadonlySet<string>): ExceptionRecord | null {
  const lost = Object.entries(outputs).find(([, { location }]) => !disk.has(location));
  if (lost === undefined) return null;
  const message = `${lost[0]} was saved at ${lost[1].location}, but it is not there`;
  return { type: "OutputMissing", message, node: null, traceback: null, cause: null };
}
