import * as z from "zod";
import { RUN_KINDS } from "../../core/kinds.ts";
import { RUN_STATUSES, SESSION_STATUSES } from "../../core/run.ts";

/** Shapes that several answers share. Objects are strict: a key that is not declared is a bug in runweave. */

export const text = z.string();
export const textOrNull = z.string().nullable();
export const numberOrNull = z.number().nullable();
export const texts = z.array(text).readonly();
/** ISO, UTC. */
const time = text;
export const byName = z.record(text, text);

/** The shape of a read-only list of items. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.array(item).readonly();
}

export const runStatus = z.enum(RUN_STATUSES);
export const sessionStatus = z.enum(SESSION_STATUSES);
export const runKind = z.enum(RUN_KINDS);

export const pinRule = z.enum(["consumed", "own", "resumed", "frozen", "plain", "file", "value", "run_id", "alias"]);

export const problem = z.strictObject({
  code: text,
  severity: z.enum(["error", "warning"]),
  message: text,
  file: textOrNull,
  line: numberOrNull,
  column: numberOrNull,
  hint: textOrNull,
});
export const problems = listOf(problem);

export const exception = z
  .strictObject({
    type: text,
    classes: texts.optional(),
    message: text,
    node: textOrNull,
    traceback: textOrNull,
    get cause() {
      return exception.nullable();
    },
  })
  .meta({ id: "exception" });

export const pin = z.strictObject({
  dataset: text,
  version: text,
  rule: pinRule,
  from_run: textOrNull,
  from_dataset: textOrNull,
  reason: text,
  passed_over: text.optional(),
  vouched_by: text.optional(),
});

export const version = z.strictObject({
  version: text,
  location: text,
  bytes: numberOrNull,
  hash: textOrNull,
  beside: texts.optional(),
  entry: z.strictObject({ config: z.record(text, z.unknown()), versioned: z.boolean() }).nullable(),
  plain_location: textOrNull,
});

export const runHead = z.strictObject({
  run_id: text,
  session_id: text,
  workflow: text,
  run: text,
  attempt: z.number(),
  status: runStatus,
  start_time: time.nullable(),
  end_time: time.nullable(),
});

/** Number of the attempt of a run, and number of attempts; none for a run that was skipped. */
export const attemptOf = {
  session_id: text,
  workflow: text,
  run: text,
  run_id: textOrNull,
  attempt: z.number(),
  max_attempts: z.number(),
  unstarted_attempts: z.number().optional(),
  allow_failure: z.boolean(),
};

/** Versions that a run loaded, as its process saw them. */
export const loaded = {
  dataset: text,
  version: textOrNull,
  location: textOrNull,
  node: textOrNull,
  time,
  bytes: numberOrNull,
  hash: textOrNull,
};

export const discard = z.strictObject({
  run_id: text,
  cause: z.enum(["cleanup", "gc"]),
  state: z.enum(["trashed", "deleted"]),
  entry: text,
  manifest: text,
  reason: text,
  bytes: numberOrNull,
  time,
});

/** A name that was found in an older session than the newest, where it is looked for first. */
export const fallback = z.strictObject({ word: text, session_id: text, newest_session_id: text, reason: text });
export const fallbacks = listOf(fallback);

export const requester = z.strictObject({ user: text, host: text, pid: z.number() });

export const namedVersion = { dataset: text, run_id: text };
export const taint = z.strictObject({
  ...namedVersion,
  reason: text,
  by: requester,
  time,
  only_this: z.boolean(),
});
export const alias = z.strictObject({ alias: text, ...namedVersion, time });

export const request = {
  request_id: text,
  session_id: text,
  action: z.enum(["cancel", "pause", "continue"]),
  run: textOrNull,
  force: z.boolean(),
  by: requester,
  made_time: time,
  accepted_time: time.nullable(),
  answered_time: time.nullable(),
  outcome: z.enum(["done", "refused"]).nullable(),
  message: textOrNull,
};

/** An attempt, and the run that it is of. */
export const runName = { run: text, run_id: text };

/** A fault of the records, or a fact that can't be checked. */
export const finding = z.strictObject({
  verdict: z.enum(["broken", "unknown"]),
  code: text,
  run_id: textOrNull,
  dataset: textOrNull,
  seq: numberOrNull,
  message: text,
});
