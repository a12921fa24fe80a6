import * as z from "zod";
import { PHASES } from "../../core/phase-clock.ts";
import { finding, listOf, numberOrNull, problems, runKind, runStatus, text, textOrNull, texts } from "./shapes.ts";

const resources = z.strictObject({ cpu: z.number(), memory_bytes: z.number(), gpu: z.number() });
const policy = z.strictObject({
  retries: z
    .strictObject({
      max: z.number(),
      initial_ms: z.number(),
      factor: z.number(),
      max_ms: z.number(),
      jitter: z.boolean(),
      on: texts.nullable(),
      resume: z.literal(true).optional(),
    })
    .optional(),
  timeout_ms: z.number().optional(),
  keep_worker_ms: z.number().optional(),
  allow_failure: z.literal(true).optional(),
  run_on: z.enum(["failure", "always"]).optional(),
  cleanup_on_error: z.enum(["trash", "delete"]).optional(),
  on_rollback: texts.optional(),
  resources: resources.optional(),
});
const source = z.union([
  z.strictObject({ run: text, dataset: text }),
  z.strictObject({ file: text }),
  z.strictObject({ value: z.unknown() }),
  z.strictObject({ run_id: text, run: textOrNull, dataset: text }),
]);
const plannedRun = z.strictObject({
  run: text,
  kind: runKind,
  module: text.optional(),
  needs: texts,
  consumes: z.record(text, source),
  load_versions: z.record(text, textOrNull),
  policy: policy.optional(),
  turns: listOf(z.strictObject({ path: text, with: texts })).optional(),
});

const drift = z.strictObject({
  part: text,
  key: text,
  runs: texts,
  file: textOrNull,
  before: z.unknown(),
  after: z.unknown(),
});

const spread = z.strictObject({ p5: z.number(), p50: z.number(), p95: z.number() });
const trialStatus = z.enum(["success", "failed", "cancelled", "crashed", "hung"]);
const forecast = z.strictObject({
  on_failure: z.enum(["fail-fast", "continue"]),
  retries: numberOrNull,
  declared: z.boolean(),
  sessions: z.partialRecord(trialStatus, z.number()),
  makespan_ms: spread,
  succeeded_runs: z.number(),
});
const runForecast = z.strictObject({
  run: text,
  duration_from: z.enum(["faults", "history", "assumed"]),
  statuses: z.partialRecord(runStatus, z.number()),
  attempts: z.strictObject({ mean: z.number(), most: z.number() }).nullable(),
  busy_ms: spread.nullable(),
  end_ms: spread,
  critical: z.number(),
  reasons: listOf(z.strictObject({ reason: text, trials: z.number() })),
});

const diagnosis = z.strictObject({
  what: text,
  level: z.enum(["ok", "warn", "fail"]),
  ok: z.boolean(),
  detail: text,
  hint: textOrNull,
});

/** Answers of commands that take a workflow, a project or the machine. */
export const WORKFLOW_ANSWERS = {
  error: {
    command: "any",
    what: "why the command could not do what was asked",
    body: { code: text, message: text, hint: textOrNull, problems },
  },
  validate: {
    command: "validate",
    what: "whether a workflow is right, and all that is wrong with it",
    body: { ok: z.boolean(), problems },
  },
  plan: {
    command: "plan",
    what: "the runs in an order that can be executed",
    body: { resources: resources.optional(), runs: listOf(plannedRun) },
  },
  lock: {
    command: "lock",
    what: "what is not as it was locked",
    body: {
      lock_file: text,
      written: z.boolean(),
      ok: z.boolean(),
      drifts: listOf(drift),
      held: listOf(z.strictObject({ run: text, dataset: text, version: text, newest: text })),
      unlocked: listOf(z.strictObject({ run: text, reason: text })),
    },
  },
  timings: {
    command: "run, resume, replay, with --timings",
    what: "the last line: where the time of the command went, from its start",
    body: {
      total_ms: z.number(),
      phases: listOf(z.strictObject({ phase: z.enum(PHASES), duration_ms: z.number() })),
    },
  },
  simulate: {
    command: "simulate",
    what: "when a session would end, and what would become of each run",
    body: {
      workflow: text,
      seed: text,
      trials: z.number(),
      max_parallel: z.number(),
      faults: texts,
      forecast,
      utilisation: z.number(),
      runs: listOf(runForecast),
      policies: listOf(forecast),
    },
  },
  doctor: {
    command: "doctor",
    what: "what was looked at, and what was found",
    body: { ok: z.boolean(), findings: listOf(diagnosis), problems },
  },
  "doctor-settle": {
    command: "doctor --settle",
    what: "the state folder that was taken as it is",
    body: { settled: text, moved_from: textOrNull, ended: texts, lost: z.number() },
  },
  "doctor-rebuild": {
    command: "doctor --rebuild",
    what: "the registry that was made anew from its log, and where the old one differs",
    body: { rebuilt: text, registry: text, events: z.number(), findings: listOf(finding) },
  },
  adopt: {
    command: "adopt",
    what: "versions from before runweave, as runs",
    body: {
      project: text,
      dry_run: z.boolean(),
      runs: listOf(z.strictObject({ run_id: text, version: text, datasets: texts, known: z.boolean() })),
    },
  },
} as const;
