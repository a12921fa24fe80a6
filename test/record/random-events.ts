import fc from "fast-check";
import type { AttemptEvent } from "../../src/core/event/attempt-event.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { declaredRun, exceptionOf, frozenPin, ownershipAt, versionOf } from "../suites/history.ts";

const RUNS = ["prep", "train[seed=1]", "__proto__"];
const time = fc.integer({ min: 0, max: 5 }).map((ms) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString());
const session_id = fc.constantFrom("2026-01-s1", "2026-01-s2").map((id) => id as SessionId);
const duration_ms = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => (value === 0 ? 0 : value));
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const ofSession = fc.record({ time, session_id });
const ofRun = fc.record({ time, session_id, run: fc.constantFrom(...RUNS) });

/** One id per attempt, so that some events place together; an id of another run now and then. */
const ofAttempt = fc
  .record({ base: ofRun, attempt: fc.constantFrom(1, 1, 1, 2, 3), wrong: fc.constantFrom(0, 0, 0, 0, 0, 0, 1) })
  .map(({ base, attempt, wrong }) => {
    const run_id = `2026-02-${base.session_id.at(-1)}${RUNS.indexOf(base.run) + wrong}${attempt}` as RunId;
    return { ...base, attempt, run_id };
  });

const pins = fc
  .uniqueArray(text, { maxLength: 3 })
  .chain((datasets) => fc.tuple(...datasets.map((dataset) => text.map((version) => frozenPin(dataset, version)))));

const resolved = fc.tuple(ofAttempt, pins).map(([ref, pins]) => ({ type: "run.resolved" as const, ...ref, pins }));
const started = ofAttempt.map((ref) => ({ type: "run.started" as const, ...ref, pid: 7, log: "/log" }));
const succeeded = fc
  .tuple(ofAttempt, duration_ms, fc.uniqueArray(text, { maxLength: 3 }))
  .map(([ref, ms, datasets]) => {
    const outputs = Object.fromEntries(datasets.map((dataset) => [dataset, versionOf(ref.run_id, dataset)]));
    const end = { duration_ms: ms, outputs, outputs_location: null, peak_memory_bytes: 2 ** 40 };
    return { type: "run.succeeded" as const, ...ref, ...end };
  });
const failed = fc.tuple(ofAttempt, text, fc.option(time)).map(([ref, message, will_retry_at]) => {
  const policy = { max_attempts: 3, will_retry_at, reason: null };
  const end = { duration_ms: null, exception: exceptionOf(message), peak_memory_bytes: null, ...policy };
  return { type: "run.failed" as const, ...ref, ...end };
});

const signal: fc.Arbitrary<AttemptEvent> = fc
  .tuple(ofAttempt, fc.constantFrom("fit", "split"), duration_ms, fc.nat(4))
  .map(([ref, node, ms, kind]) => {
    const access = { dataset: node, version: null, location: null, node };
    switch (kind) {
      case 0:
        return { type: "node.started", ...ref, node };
      case 1:
        return { type: "node.finished", ...ref, node, duration_ms: ms };
      case 2:
        return {
          type: "dataset.loaded",
          ...ref,
          ...access,
          bytes: ms > 5 ? 3 : null,
          hash: ms > 5 ? "sha256:3" : null,
        };
      case 3:
        return { type: "dataset.resumed", ...ref, dataset: node, version: "2026-02-100", location: "/d", node };
      default:
        return { type: "pipeline.started", ...ref, total_nodes: 7 };
    }
  });

const startedSession = fc.tuple(ofSession, fc.boolean()).map(([base, isReplay]) => ({
  type: "session.started" as const,
  ...base,
  workflow: base.session_id,
  workflow_file: null,
  project_path: null,
  command_line: [],
  git: { commit: null, dirty: null },
  ...(isReplay ? { replay_of: { session_id: base.session_id, changes: ["--set a.env=x"] } } : {}),
}));
const resumed = fc.tuple(ofSession, fc.constantFrom(1, 1, 2, 3), fc.subarray(RUNS)).map(([base, epoch, runs]) => {
  return { type: "session.resumed" as const, ...base, claim: ownershipAt(epoch), command_line: [], runs };
});
const declared = ofSession.map((base) => ({ type: "runs.declared" as const, ...base, runs: RUNS.map(declaredRun) }));
const skipped = ofRun.map((base) => ({ type: "run.skipped" as const, ...base, chain: [], reason: "x" }));
const cancelled = fc.tuple(ofAttempt, fc.boolean()).map(([ref, tried]) => {
  const run_id = tried ? ref.run_id : null;
  return { type: "run.cancelled" as const, ...ref, run_id, duration_ms: null, reason: "interrupted" };
});
const finished = ofSession.map((base) => {
  return { type: "session.finished" as const, ...base, status: "failed" as const, duration_ms: 1, runs: [] };
});
const published = ofAttempt.map((ref) => ({
  type: "dataset.published" as const,
  ...ref,
  dataset: "d",
  location: "/d",
}));

const named = fc.tuple(ofAttempt, fc.constantFrom("a", "b", null)).map(([ref, value]): RunEvent => {
  const { attempt: _, ...run } = ref;
  return value === "b"
    ? { type: "alias.set", ...run, alias: "champion", dataset: "d" }
    : { type: "run.tagged", ...run, key: "team", value };
});

const by = { user: "ann", host: "vm", pid: 7 };
const judged = fc.tuple(ofAttempt, fc.nat(4)).map(([ref, kind]): RunEvent => {
  const { attempt: _, ...run } = ref;
  const about = { ...run, dataset: "d" };
  if (kind === 3) return { type: "version.replaced", ...about, replaced_by: ref.run_id };
  if (kind === 2) return { type: "version.confirmed", ...about, equal_to: ref.run_id };
  if (kind === 1) return { type: "version.cleared", ...about, reason: "x", by };
  return { type: "version.tainted", ...about, reason: "x", by, ...(kind === 4 ? { only_this: true } : {}) };
});

const disposed = fc.tuple(ofAttempt, fc.constantFrom("trashed", "deleted", null)).map(([ref, state]): RunEvent => {
  const { attempt: _, ...run } = ref;
  const entry = `gc-${ref.run_id}`;
  if (state === null) return { type: "run.restored", ...run, entry };
  const about = { cause: "gc" as const, state, entry, manifest: "sha256:0", reason: "old", bytes: 12 };
  return { type: "run.discarded", ...run, ...about };
});

const undone = fc.tuple(ofAttempt, fc.nat(5), fc.constantFrom(2, 2, 3)).map(([ref, kind, epoch]): RunEvent => {
  const { attempt: _, ...run } = ref;
  const { time, session_id } = ref;
  const published = { dataset: "d", location: "/d" };
  switch (kind) {
    case 0:
      return { type: "rollback.started", time, session_id, claim: ownershipAt(epoch), command_line: [], force: false };
    case 1:
      return { type: "rollback.ended", time, session_id, status: "failed", message: "x" };
    case 2:
      return { type: "publication.undone", ...run, ...published };
    case 3:
      return { type: "run.compensated", ...run, status: "success", message: "exit code 0", log: "/log" };
    case 4:
      return { type: "publication.set_aside", ...run, ...published, path: "/d", entry: "e", manifest: "sha256:1" };
    default:
      return { type: "publication.prepared", ...run, ...published, entry: "e", manifest: "sha256:1" };
  }
});

const asked = fc.tuple(ofSession, fc.constantFrom("r1", "r2"), fc.nat(4)).map(([base, request_id, kind]): RunEvent => {
  const about = { action: "cancel" as const, run: null, force: false };
  switch (kind) {
    case 0:
      return { type: "request.accepted", ...base, request_id, ...about, by };
    case 1:
      return { type: "request.answered", ...base, request_id, ...about, outcome: "done", message: "x" };
    case 2:
      return { type: "session.paused", ...base, by };
    case 3:
      return { type: "session.continued", ...base, by };
    default:
      return { type: "request.made", ...base, request_id, ...about, by };
  }
});

/** Any event, whether or not it can follow what came before. */
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  { weight: 6, arbitrary: resolved },
  { weight: 6, arbitrary: started },
  { weight: 4, arbitrary: succeeded },
  { weight: 4, arbitrary: failed },
  { weight: 8, arbitrary: signal },
  {
    weight: 1,
    arbitrary: fc.oneof(
      startedSession,
      resumed,
      declared,
      skipped,
      cancelled,
      finished,
      published,
      named,
      judged,
      asked,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(disposed, undone),
  },
);

/** What one run may live through, in order: attempts that fail, then one end, or none yet. */
function lifeOf(session: SessionId, run: string): fc.Arbitrary<RunEvent[]> {
  const place = <E extends RunEvent>(event: E, attempt: number): E => {
    const run_id = `2026-02-${session.at(-1)}${RUNS.indexOf(run)}${attempt}`;
    return { ...event, session_id: session, run, attempt, run_id };
  };
  const begin = (attempt: number) =>
    fc
      .tuple(resolved, started, fc.array(signal, { maxLength: 4 }))
      .map((events) => events.flat().map((event) => place(event, attempt)));
  const failing = (attempt: number) =>
    fc.tuple(begin(attempt), failed).map(([events, end]) => [...events, place(end, attempt)]);
  const last = (attempt: number) =>
    fc.oneof(
      fc.tuple(begin(attempt), succeeded).map(([events, end]) => [...events, place(end, attempt)]),
      failing(attempt),
      fc.tuple(begin(attempt), cancelled).map(([events, end]) => [...events, place(end, attempt)]),
      begin(attempt),
    );
  const skippedInQueue = fc
    .tuple(resolved, skipped)
    .map(([event, end]) => [place(event, 1), { ...end, session_id: session, run }]);
  const untried = skipped.map((event): RunEvent[] => [{ ...event, session_id: session, run }]);
  const retried = fc
    .nat(2)
    .chain((failures) =>
      fc.tuple(...Array.from({ length: failures }, (_, index) => failing(index + 1)), last(failures + 1)),
    );
  const tried = retried.map((parts) => parts.flat());
  return fc.oneof({ weight: 6, arbitrary: tried }, { weight: 1, arbitrary: fc.oneof(untried, skippedInQueue) });
}

/** Takes the next event of a list that `picks` choose, until all are used up: each list keeps its order. */
function interleave(lists: RunEvent[][], picks: readonly number[]): RunEvent[] {
  const waiting = lists.map((list) => [...list]);
  const woven: RunEvent[] = [];
  for (let turn = 0; waiting.some((list) => list.length > 0); turn++) {
    const open = waiting.filter((list) => list.length > 0);
    const next = open[(picks[turn % picks.length] ?? 0) % open.length]?.shift();
    if (next !== undefined) woven.push(next);
  }
  return woven;
}

function split(events: RunEvent[], sizes: readonly number[]): RunEvent[][] {
  const batches: RunEvent[][] = [];
  for (let from = 0; from < events.length; from += batches.at(-1)?.length ?? 1) {
    batches.push(events.slice(from, from + (sizes[batches.length % sizes.length] ?? 1)));
  }
  return batches;
}

const SESSIONS = ["2026-01-s1", "2026-01-s2"] as SessionId[];
const lives = fc.tuple(...SESSIONS.flatMap((session) => RUNS.map((run) => lifeOf(session, run))));
const openings = fc.tuple(
  ...SESSIONS.map((session) =>
    fc.tuple(startedSession, declared).map((events) => events.map((event) => ({ ...event, session_id: session }))),
  ),
);

/** Batches of events of two sessions, whose runs go on at the same time; some events among them can't follow the rest. */
export const anyBatches: fc.Arbitrary<RunEvent[][]> = fc
  .record({
    openings,
    lives,
    noise: fc.array(anyEvent, { maxLength: 20 }),
    picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 10 }),
  })
  .map(({ openings, lives, noise, picks, sizes }) => {
    const woven = interleave([...lives, noise], picks);
    return [...openings, ...split(woven, sizes)];
  });
