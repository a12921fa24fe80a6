import * as z from "zod";
import {
  attemptOf,
  byName,
  discard,
  exception,
  listOf,
  numberOrNull,
  runKind,
  runStatus,
  sessionStatus,
  text,
  textOrNull,
  texts,
  version,
} from "./shapes.ts";

const json = z.record(text, z.unknown());

/** The record of a run, as every answer has it. */
export const runRecord = z
  .strictObject({
    ...attemptOf,
    kind: runKind,
    status: runStatus,
    env: textOrNull,
    runtime_params: json,
    pipeline_names: texts,
    filters: json,
    load_versions: byName,
    outputs: z.record(text, version),
    outputs_location: textOrNull,
    exception: exception.nullable(),
    start_time: textOrNull,
    end_time: textOrNull,
    duration_ms: numberOrNull,
    node_durations_ms: z.record(text, z.number()),
    peak_memory_bytes: numberOrNull,
    git_commit: textOrNull,
    git_dirty: z.boolean().nullable(),
    environment: textOrNull,
    metrics: json.nullable(),
    tags: byName,
    notes: listOf(z.strictObject({ time: text, text })),
    warnings: listOf(z.strictObject({ code: text, message: text })),
    discarded: discard.omit({ run_id: true, manifest: true }).nullable(),
    reason: textOrNull,
  })
  .meta({ id: "run-record" });

const origin = z.strictObject({
  host: text,
  user: text,
  platform: text,
  node: text,
  runweave: text,
  working_folder: text,
  patch: z
    .strictObject({
      digest: text,
      bytes: z.number(),
      truncated: z.boolean(),
      left_out: z.array(text).optional(),
      tracked_only: z.literal(true).optional(),
    })
    .nullable(),
  plan: text.optional(),
});

export const replayOrigin = z.strictObject({ session_id: text, changes: texts, heals: z.literal(true).optional() });

const sessionHead = {
  session_id: text,
  workflow: text,
  workflow_file: textOrNull,
  project_path: textOrNull,
  command_line: texts,
  git_commit: textOrNull,
  git_dirty: z.boolean().nullable(),
  origin: origin.nullable(),
  replay_of: replayOrigin.nullable(),
  status: sessionStatus,
  start_time: text,
  end_time: textOrNull,
  duration_ms: numberOrNull,
  paused_since: textOrNull,
  rollback: z.strictObject({ status: z.enum(["running", "done", "failed"]), time: text }).nullable(),
};

/** A session without its runs. */
export const sessionSummary = { ...sessionHead, run_counts: z.partialRecord(runStatus, z.number()) };

/** A session with its runs in plan order. */
export const sessionRecord = { ...sessionHead, runs: listOf(runRecord) };

/** The state of the process that works on a session; null if the session has ended. */
export const owner = z.enum(["working", "gone", "silent"]).nullable();
