import path from "node:path";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { Registry } from "../../src/core/port/registry.ts";
import type { Pin } from "../../src/core/run.ts";
import { createIdSource, type RunId, type SessionId } from "../../src/core/run-id.ts";
import { traceLineage } from "../../src/explain/lineage.ts";
import { findUndeclared } from "../../src/explain/undeclared.ts";
import { explainAbsence, explainPin } from "../../src/explain/why.ts";
import { checkRecords } from "../../src/record/replay/check-records.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import type { Benchmark, BenchmarkRow } from "./benchmark.ts";

const RUNS = Number(process.env.RUNWEAVE_BENCH_RUNS ?? 1_000_000);
const RUNS_PER_SESSION = 20;
const SESSIONS_PER_WRITE = 50;
const GOAL_MS = 50;
const QUESTIONS = 200;

/** Questions to a registry that is large: each is asked about runs here and there, with everything but the command's start. */
export const largeRegistry: Benchmark = {
  name: "registry",
  title: `A registry of ${RUNS.toLocaleString("en")} runs: the 95th percentile of ${QUESTIONS} questions each`,
  async measure(bench) {
    const file = path.join(bench.folder, "registry.sqlite");
    const registry = openSqliteRegistry(file);
    try {
      const startedAt = performance.now();
      const asked = fill(registry);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      return askEverything(registry, { asked, file }).map((row) => ({ ...row, note: `filled in ${seconds} s` }));
    } finally {
      registry.close();
    }
  },
};

/** A run that is asked about. */
interface Asked {
  run: RunId;
  session: SessionId;
  /** Another one that saved the same dataset. */
  other: RunId;
}

/** Chains of runs, session after session; gives some of them all over the registry. */
function fill(registry: Registry): Asked[] {
  let now = Date.UTC(2026, 0, 1);
  const ids = createIdSource({ now: () => now, after: () => () => {} });
  const asked: Asked[] = [];
  const sessions = Math.ceil(RUNS / RUNS_PER_SESSION);
  const step = Math.max(1, Math.floor(sessions / QUESTIONS));
  let other: RunId | null = null;
  for (let from = 0; from < sessions; from += SESSIONS_PER_WRITE) {
    const events: RunEvent[] = [];
    for (let index = from; index < Math.min(sessions, from + SESSIONS_PER_WRITE); index++) {
      now += 60_000;
      const session = ids.nextSessionId();
      const made = makeSession({ session, index, time: new Date(now).toISOString(), nextRunId: () => ids.nextRunId() });
      events.push(...made.events);
      if (index % step === 0 && other !== null) asked.push({ run: made.last, session, other });
      other = made.last;
    }
    registry.append(events);
  }
  return asked.slice(0, QUESTIONS);
}

interface SessionPlan {
  session: SessionId;
  index: number;
  time: string;
  nextRunId(): RunId;
}

function makeSession({ session, index, time, nextRunId }: SessionPlan): { events: RunEvent[]; last: RunId } {
  const stamp = { time, session_id: session };
  const names = Array.from({ length: RUNS_PER_SESSION }, (_, position) => `run_${position}`);
  const workflow = `workflow_${index % 50}`;
  const git = { commit: null, dirty: null };
  const opening = { workflow, workflow_file: null, project_path: null, command_line: [], git };
  const events: RunEvent[] = [
    { type: "session.started", ...stamp, ...opening },
    { type: "runs.declared", ...stamp, runs: names.map(declare) },
  ];
  let last: RunId | null = null;
  for (const run of names) {
    const run_id = nextRunId();
    const ref = { ...stamp, run, run_id, attempt: 1 };
    events.push({ type: "run.resolved", ...ref, pins: last === null ? [] : [pinTo(last, run)] });
    events.push({ type: "run.started", ...ref, pid: 1, log: "/log" });
    const load = { dataset: "table", version: last, location: `/store/table/${last}/table`, node: "n" };
    if (last !== null) events.push({ type: "dataset.loaded", ...ref, ...load });
    events.push(succeed(ref));
    last = run_id;
  }
  events.push({ type: "session.finished", ...stamp, status: "success", duration_ms: 1, runs: [] });
  if (last === null) throw new Error("a session without runs");
  if (index % 100 === 0) {
    const run = names.at(-1) ?? "";
    events.push({ type: "run.tagged", ...stamp, run, run_id: last, key: "team", value: `team_${index % 1000}` });
  }
  return { events, last };
}

function declare(run: string) {
  const nothing = { env: null, runtime_params: {}, pipeline_names: [], filters: {}, needs: [] };
  return { run, kind: "kedro" as const, ...nothing, max_attempts: 1, allow_failure: false };
}

function pinTo(writer: RunId, run: string): Pin {
  const reason = `consumes table, for ${run}`;
  return { dataset: "table", version: writer, rule: "consumed", from_run: "up", from_dataset: "table", reason };
}

function succeed(ref: { time: string; session_id: SessionId; run: string; run_id: RunId; attempt: number }): RunEvent {
  const location = `/store/table/${ref.run_id}/table`;
  const table = { version: ref.run_id, location, bytes: 1, hash: "sha256:00", entry: null, plain_location: null };
  const end = { duration_ms: 1, outputs: { table }, outputs_location: "/store", peak_memory_bytes: null };
  return { type: "run.succeeded", ...ref, ...end };
}

function askEverything(registry: Registry, { asked, file }: { asked: readonly Asked[]; file: string }): BenchmarkRow[] {
  const head = (run: RunId) => registry.findHeads([run])[0];
  const found = (run: RunId) => head(run) ?? fail(run);
  const questions: [string, (about: Asked) => unknown][] = [
    ["runs --limit 50", () => registry.listRuns({ limit: 50 })],
    ["runs --status failed --limit 50", () => registry.listRuns({ status: "failed", limit: 50 })],
    [
      "runs --tag team=team_0 --limit 50",
      () => registry.listRuns({ tags: [{ key: "team", value: "team_0" }], limit: 50 }),
    ],
    ["sessions --limit 50", () => registry.listSessions({ limit: 50 })],
    ["show SESSION", ({ session }) => registry.findSession(session)],
    ["verify SESSION, its records against the log", ({ session }) => checkRecords(file, session)],
    ["lineage RUN", ({ run }) => traceLineage(registry, run, { direction: "up" })],
    ["lineage RUN --direction down", ({ other }) => traceLineage(registry, other, { direction: "down" })],
    ["lineage --undeclared SESSION", ({ session }) => findUndeclared(registry, session)],
    ["why DATASET RUN", ({ run }) => explainPin(registry, { dataset: "table", run: found(run), at: null })],
    [
      "why DATASET@RUN --not VERSION",
      ({ run, other }) => explainAbsence(registry, { version: other, dataset: "table", run: found(run), at: null }),
    ],
  ];
  return questions.map(([what, ask]) => {
    const times = asked.map((about) => {
      const startedAt = performance.now();
      ask(about);
      return performance.now() - startedAt;
    });
    return { what, measured: percentile(times, 0.95), goal: { atMost: GOAL_MS } };
  });
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

function fail(run: RunId): never {
  throw new Error(`the registry has lost ${run}`);
}
