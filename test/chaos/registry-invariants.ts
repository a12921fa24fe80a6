import type { RunEvent } from "../../src/core/event/event.ts";
import type { Registry, RegistryReader } from "../../src/core/port/registry.ts";
import { type Pin, type RunRecord, type SessionRecord, TERMINAL_STATUSES } from "../../src/core/run.ts";
import { listEarlierAttempts } from "../../src/explain/earlier-attempts.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { type Violation, violate } from "./violation.ts";

/** What must hold of any registry at any moment, whatever has been cut off. */
export function checkRegistry(registry: RegistryReader): Violation[] {
  const sessions = readSessions(registry);
  const attempts = listAttempts(registry, sessions);
  return [
    ...sessions.flatMap((session) => checkSession(session, registry)),
    ...checkStarts(registry),
    ...attempts.flatMap((attempt) => checkPins(attempt, { registry, attempts })),
    ...checkReplay(registry, sessions),
    ...checkChain(registry),
  ];
}

/** Each event is what was logged, after what was logged before it. */
function checkChain(registry: RegistryReader): Violation[] {
  const faults = Array.from(registry.links({})).flatMap(({ seq, fault }) =>
    fault === null ? [] : [`${seq}: ${fault}`],
  );
  return faults.map((fault) => violate("log-explains-tables", `event ${fault}`));
}

/** Every attempt of every session, the earlier ones too. */
export function listAttempts(registry: RegistryReader, sessions = readSessions(registry)): RunRecord[] {
  return sessions.flatMap(({ session_id, runs }) => [
    ...listEarlierAttempts(registry, session_id),
    ...runs.filter(({ run_id }) => run_id !== null),
  ]);
}

function readSessions(registry: RegistryReader): SessionRecord[] {
  return registry.listSessions().flatMap(({ session_id }) => registry.findSession(session_id) ?? []);
}

/** Each declared run is there; a session that has ended has no open run, and succeeded only if none failed for good. */
function checkSession({ session_id, status, runs }: SessionRecord, registry: RegistryReader): Violation[] {
  const declared = Array.from(registry.events(session_id)).flatMap((event) =>
    event.type === "runs.declared" ? event.runs.map(({ run }) => run) : [],
  );
  const there = new Set(runs.map(({ run }) => run));
  const lost = declared.filter((run) => !there.has(run)).map((run) => violate("no-run-lost", `${run} is not listed`));
  if (status === "running") return lost;
  const open = runs.filter((run) => !TERMINAL_STATUSES.has(run.status));
  const failed = runs.filter((run) => run.status === "failed" && !run.allow_failure);
  return [
    ...lost,
    ...open.map((run) => violate("no-run-lost", `the session is ${status}, but ${run.run} is ${run.status}`)),
    ...(status === "success" ? failed : []).map((run) => violate("no-run-lost", `it succeeded, but ${run.run} failed`)),
  ];
}

function checkStarts(registry: RegistryReader): Violation[] {
  const starts = new Map<string, number>();
  for (const event of registry.events()) {
    if (event.type === "run.started") starts.set(event.run_id, (starts.get(event.run_id) ?? 0) + 1);
  }
  const twice = [...starts].filter(([, count]) => count > 1);
  return twice.map(([runId, count]) => violate("one-start-per-attempt", `${runId} was started ${count} times`));
}

/** What a run was given was saved by an attempt that had succeeded before. */
function checkPins(
  reader: RunRecord,
  { registry, attempts }: { registry: RegistryReader; attempts: readonly RunRecord[] },
): Violation[] {
  const byId = new Map(attempts.map((attempt) => [attempt.run_id as string, attempt]));
  const pins = reader.run_id === null ? [] : registry.pinsOf([reader.run_id]);
  return pins.flatMap((pin) => {
    const who = `${reader.run} (${reader.run_id}) was given ${pin.dataset} of ${pin.version}`;
    if (pin.rule === "own") {
      return pin.version === reader.run_id ? [] : [violate("only-succeeded-is-consumed", `${who} as its own`)];
    }
    if (pin.rule === "resumed") return checkResumption(pin, { reader, earlier: byId.get(pin.version), who });
    if (pin.rule !== "consumed") return [];
    const writer = byId.get(pin.vouched_by ?? pin.version);
    const saved = Object.values(writer?.outputs ?? {}).map(({ version }) => version);
    if (pin.vouched_by !== undefined && !saved.includes(pin.version))
      return [violate("only-succeeded-is-consumed", `${who}, which ${pin.vouched_by} does not vouch for`)];
    if (writer?.status !== "success") {
      return [violate("only-succeeded-is-consumed", `${who}, which is ${writer?.status ?? "unknown"}`)];
    }
    if (writer.run !== pin.from_run)
      return [violate("only-succeeded-is-consumed", `${who}, which is of ${writer.run}`)];
    return [];
  });
}

/** What a run takes over is of an earlier attempt of its own; if it succeeds, it is among what it vouches for. */
function checkResumption(
  { dataset, version }: Pin,
  { reader, earlier, who }: { reader: RunRecord; earlier: RunRecord | undefined; who: string },
): Violation[] {
  const isEarlier = earlier?.run === reader.run && earlier.attempt < reader.attempt;
  const isListed = reader.status !== "success" || reader.outputs[dataset]?.version === version;
  return isEarlier && isListed ? [] : [violate("only-succeeded-is-consumed", `${who} from no earlier attempt`)];
}

/** The tables are what the log says, event by event. */
function checkReplay(registry: RegistryReader, sessions: readonly SessionRecord[]): Violation[] {
  const events = [...registry.events()];
  const replayed = createMemoryRegistry();
  try {
    replayed.append(events);
  } catch (error) {
    return [violate("log-explains-tables", `the log contradicts itself: ${error}`)];
  }
  return sessions.flatMap((session) => {
    const again = replayed.findSession(session.session_id);
    if (JSON.stringify(again) === JSON.stringify(session)) return [];
    return [violate("log-explains-tables", `the log tells otherwise of session ${session.session_id}`)];
  });
}

const ENDS: ReadonlySet<RunEvent["type"]> = new Set(["run.succeeded", "run.failed", "run.cancelled"]);

/** At no moment of the log were more runs under way than allowed. */
export function checkParallelism(registry: RegistryReader, maxParallel: number): Violation[] {
  const running = new Set<string>();
  for (const event of registry.events()) {
    if (event.type === "run.started") running.add(event.run);
    else if ("run" in event && event.run !== null && ENDS.has(event.type)) running.delete(event.run);
    if (running.size > maxParallel) return [violate("no-more-than-allowed-at-once", [...running].join(", "))];
  }
  return [];
}

/** Looks at a registry again and again: what has ended must stay as it is. */
export class TerminalWatch {
  readonly #seen = new Map<string, string>();

  look(registry: RegistryReader): Violation[] {
    const sessions = readSessions(registry);
    const ended = listAttempts(registry, sessions).filter(({ status }) => TERMINAL_STATUSES.has(status));
    return ended.flatMap((attempt) => this.#compare(attempt));
  }

  #compare(attempt: RunRecord): Violation[] {
    const id = String(attempt.run_id);
    const now = JSON.stringify(withoutLaterWords(attempt));
    const before = this.#seen.get(id) ?? now;
    this.#seen.set(id, now);
    if (now === before) return [];
    return [violate("terminal-rows-never-change", `attempt ${id} was\n  ${before}\nand is\n  ${now}`)];
  }
}

/** What people say of an attempt, what becomes of its data, and how many attempts its run may have: not what it came to. */
function withoutLaterWords({ tags, notes, discarded, max_attempts, ...rest }: RunRecord): object {
  return rest;
}

/** A registry that has `watch` look after every write. */
export function watched(registry: Registry, found: Violation[], watch = new TerminalWatch()): Registry {
  return {
    ...registry,
    append(events: readonly RunEvent[]) {
      registry.append(events);
      found.push(...watch.look(registry));
    },
  };
}
