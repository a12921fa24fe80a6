import type { FaultRule } from "../../core/answer/fault.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { AttemptResult } from "../../core/port/runner.ts";
import type { ExceptionRecord, SessionRecord, SessionStatus } from "../../core/run.ts";
import { createIdSource, type RunId, type SessionId } from "../../core/run-id.ts";
import { chooseAgain } from "../../execute/choose-again.ts";
import { executePlan } from "../../execute/execute-plan.ts";
import { drawFrom, drawHex } from "../../hosts/simulated/chance.ts";
import { driveClock } from "../../hosts/simulated/drive-clock.ts";
import { FaultTable } from "../../hosts/simulated/fault-table.ts";
import { watchSessionFaults } from "../../hosts/simulated/session-faults.ts";
import { createSimulatedRunners, type DurationModel } from "../../hosts/simulated/simulated-runner.ts";
import { createSimulatedRecovery, SimulatedWorld } from "../../hosts/simulated/simulated-world.ts";
import { type RunSpan, Timeline } from "../../hosts/simulated/timeline.ts";
import type { Plan } from "../../plan/plan.ts";
import { judgeSession } from "../session/live-session.ts";
import { restoreSession } from "../session/restore-session.ts";
import { openingEvents } from "../session/run-session.ts";

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
  /** World before and after, if several sessions are to live in it; default: an empty one. */
  world?: SimulatedWorld;
  /** A session of the same plan in the same registry and world whose orchestrator has crashed: it is finished. */
  resumed?: SessionId;
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
  const { plan, seed, registry, resumed, world = createWorld() } = options;
  const { clock, disk, witnesses } = world;
  const digits = drawFrom(seed, "ids");
  const ids = createIdSource(clock, (count) => drawHex(digits, count));
  const sessionId = resumed ?? ids.nextSessionId();
  const beginMs = clock.elapsedMs;
  const epoch = (registry.ownershipOf(sessionId)?.epoch ?? 0) + Number(resumed !== undefined);
  const faults = watchSessionFaults(options.faults, clock);
  const timeline = new Timeline();
  const emit = (events: readonly RunEvent[]): void => {
    faults.beforeWrite();
    if (faults.hasCrashed) return;
    registry.append(events, resumed === undefined ? undefined : epoch);
    timeline.take(events, clock.elapsedMs - beginMs);
    faults.afterWrite(events);
  };
  const time = formatTime(clock.now());
  if (resumed === undefined) {
    const nobody = { git: NO_GIT, origin: undefined, claim: undefined, commandLine: [] };
    emit(openingEvents({ sessionId, plan, time, ...nobody }));
  } else {
    const claim = { owner: { pid: 1, start_time: null, boot_id: null, host: "simulated" }, epoch, lease_until: time };
    const resuming = { type: "session.resumed" as const, time, session_id: resumed, command_line: [], claim };
    const runs = chooseRuns(options, readSession(registry, resumed), disk);
    registry.append([{ ...resuming, runs }]);
  }
  const past = resumed === undefined ? {} : restore(options, readSession(registry, resumed), world);
  const hasCrashed = () => faults.hasCrashed;
  const planned = new Map(plan.runs.map((run) => [run.run, run]));
  const model = { world, seed, planned, hasCrashed, durations: options.durations };
  const work = executePlan({
    ...{ plan, sessionId, clock, ids, emit, maxParallel: options.maxParallel },
    runners: createSimulatedRunners({ ...model, faults: new FaultTable(options.faults) }),
    verify: async (result) => ({ rejection: findLoss(result, disk), doubt: null }),
    interrupt: faults.interrupt,
    kill: faults.kill,
    random: drawFrom(seed, "jitter"),
    ...past,
  });
  const driven = await driveClock(work, { clock, hasCrashed });
  const makespanMs = clock.elapsedMs - beginMs;
  if (driven.end === "finished") {
    const end = { time: formatTime(clock.now()), session_id: sessionId, duration_ms: makespanMs, runs: driven.value };
    emit([{ type: "session.finished", ...end, status: judgeSession(driven.value) }]);
  }
  const status = hasCrashed() ? "crashed" : driven.end === "finished" ? judgeSession(driven.value) : driven.end;
  return { sessionId, status, makespanMs, spans: timeline.spans(plan.runs, makespanMs), disk, witnesses };
}

/** For sessions that come one after the other. */
export function createWorld(): SimulatedWorld {
  return new SimulatedWorld(START_MS);
}

function readSession(registry: Registry, sessionId: SessionId): SessionRecord {
  const session = registry.findSession(sessionId);
  if (session === null) throw new Error(`there is no session ${sessionId}`);
  return session;
}

/** As a real session decides it, by the simulated disk. */
function chooseRuns({ plan }: SimulationOptions, session: SessionRecord, disk: ReadonlySet<string>): string[] {
  const records = new Map(session.runs.map((record) => [record.run, record]));
  return chooseAgain(plan.runs, {
    statusOf: (run) => records.get(run)?.status ?? "pending",
    isSpoilt: (run) => Object.values(records.get(run)?.outputs ?? {}).some(({ location }) => !disk.has(location)),
    hasEnded: session.status !== "running",
  });
}

function restore({ registry }: SimulationOptions, session: SessionRecord, world: SimulatedWorld) {
  return restoreSession(registry, {
    session,
    endsLive: false,
    recover: (told) => createSimulatedRecovery(world, (runId) => told.get(runId)?.events ?? 0),
  });
}

const NO_GIT = { commit: null, dirty: null };

function findLoss({ outputs }: AttemptResult, disk: ReadonlySet<string>): ExceptionRecord | null {
  const lost = Object.entries(outputs).find(([, { location }]) => !disk.has(location));
  if (lost === undefined) return null;
  const message = `${lost[0]} was saved at ${lost[1].location}, but it is not there`;
  return { type: "OutputMissing", message, node: null, traceback: null, cause: null };
}
