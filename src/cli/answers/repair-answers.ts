import * as z from "zod";
import { replayOrigin } from "./session-shapes.ts";
import {
  alias,
  fallbacks,
  listOf,
  namedVersion,
  numberOrNull,
  problems,
  runHead,
  runName,
  runStatus,
  taint,
  text,
  textOrNull,
  texts,
} from "./shapes.ts";

const published = { ...namedVersion, location: text };
const blast = {
  taints: listOf(taint),
  equal: listOf(z.strictObject({ ...namedVersion, equal_to: text })),
  replaced: listOf(z.strictObject({ ...namedVersion, replaced_by: text })),
  runs: listOf(
    runHead.extend({
      read: listOf(z.strictObject({ dataset: text, from_dataset: text, run_id: text })),
      taint,
      bad: texts,
    }),
  ),
  sessions: listOf(
    z.strictObject({
      session_id: text,
      workflow: text,
      runs: listOf(z.strictObject({ ...runName, is_reused: z.boolean() })),
    }),
  ),
  aliases: listOf(alias),
  published: listOf(z.strictObject({ ...published, time: text })),
};

const replayedRun = z.strictObject({
  run: text,
  action: z.enum(["link", "compare", "run"]),
  run_id: textOrNull,
  reason: text,
  duration_ms: numberOrNull,
});
const cost = z.strictObject({ runs: z.number(), sum_ms: z.number(), critical_path_ms: z.number() });
const unhealed = listOf(z.strictObject({ run: text, problems }));

const publishedFile = z.strictObject({
  path: text,
  hash: text,
  former: textOrNull,
  made: textOrNull.optional(),
  remote: z.strictObject({ former: textOrNull, kept: textOrNull }).optional(),
});
const trashEntry = {
  id: text,
  cause: z.enum(["cleanup", "gc", "published-over", "rollback"]),
  session_id: text,
  ...runName,
  time: text,
  reason: text,
  published: listOf(publishedFile).optional(),
  folders: texts.optional(),
  bytes: numberOrNull,
  items: listOf(
    z.strictObject({
      original: text,
      kind: z.enum(["file", "folder", "remote"]),
      bytes: numberOrNull,
      hash: textOrNull,
    }),
  ),
};
const message = z.strictObject({ run_id: text, message: text });

/** Answers of commands that change or repair what is recorded. */
export const REPAIR_ANSWERS = {
  "replay-plan": {
    command: "replay --dry-run",
    what: "what a replay would do with each run, and how long it would take",
    body: {
      replay_of: replayOrigin,
      workflow: text,
      runs: listOf(replayedRun),
      least_ms: z.number(),
      most_ms: z.number(),
      unknown_durations: texts,
      assumed_ms: z.number(),
      warnings: problems,
      fallbacks,
    },
  },
  taint: {
    command: "taint",
    what: "what is tainted, and all that this reaches; with `--clear`, `cleared` is the mark that was taken off",
    body: { cleared: taint.nullable(), ...blast, fallbacks },
  },
  "heal-plan": {
    command: "heal, without --yes",
    what: "what healing would do, session by session",
    body: {
      taints: listOf(z.strictObject({ ...namedVersion, reason: text })),
      owed: z.number(),
      given: listOf(z.strictObject({ ...namedVersion, by: text, verdict: z.enum(["replaced", "confirmed"]) })),
      sessions: listOf(
        z.strictObject({
          session_id: text,
          workflow: text,
          runs: listOf(replayedRun),
          least: cost,
          most: cost,
          restores: listOf(z.strictObject({ run: text, run_id: text, entry: text })),
          unhealed,
          warnings: problems,
        }),
      ),
      refused: listOf(z.strictObject({ session_id: text, workflow: text, runs: texts, problems })),
      least: cost,
      most: cost,
      unknown_durations: texts,
      aliases: listOf(z.strictObject({ ...namedVersion, alias: text, replaced_by: textOrNull })),
      published: listOf(z.strictObject(published)),
      fallbacks,
    },
  },
  "heal.finished": {
    command: "heal --yes",
    what: "the last line: what came of it",
    body: {
      sessions: listOf(
        z.strictObject({
          session_id: text,
          healed_by: textOrNull,
          status: z.enum(["healed", "partial", "good", "failed", "waiting", "refused"]),
          unhealed,
          problems,
        }),
      ),
      replaced: listOf(z.strictObject({ ...namedVersion, replaced_by: text })),
      confirmed: listOf(z.strictObject({ ...namedVersion, equal_to: text })),
      left: listOf(z.strictObject({ dataset: textOrNull, run_id: text, run: text, session_id: text })),
      aliases: listOf(z.strictObject({ alias: text, dataset: text, from: text, to: textOrNull, moved: z.boolean() })),
      fallbacks,
    },
  },
  "trash-list": {
    command: "trash list",
    what: "entries of the trash, and what in its folder is none",
    body: {
      entries: listOf(z.strictObject({ ...trashEntry, standing: z.enum(["known", "unknown", "elsewhere"]) })),
      faults: listOf(z.strictObject({ folder: text, message: text })),
    },
  },
  "trash-restore": {
    command: "trash restore",
    what: "the entry that was put back",
    body: { restored: z.strictObject(trashEntry) },
  },
  "trash-empty": {
    command: "trash empty",
    what: "entries that are deleted, or would be, and those that stay",
    body: {
      deleted: z.boolean(),
      bytes: numberOrNull,
      entries: listOf(z.strictObject(trashEntry)),
      unknown: texts,
      elsewhere: texts,
      not_deleted: listOf(z.strictObject({ id: text, message: text })),
    },
  },
  gc: {
    command: "gc",
    what: "runs whose data are collected, or would be, and why the others are kept",
    body: {
      collected: z.boolean(),
      bytes: numberOrNull,
      goes: listOf(
        z.strictObject({
          run_id: text,
          session_id: text,
          workflow: text,
          run: text,
          status: runStatus,
          time: text,
          reason: text,
          bytes: numberOrNull,
          places: texts,
        }),
      ),
      kept: listOf(z.strictObject({ run_id: text, rule: text, reason: text, through: textOrNull })),
      kept_by_rule: z.record(text, z.number()),
      elsewhere: texts,
      unreachable: listOf(message),
      published_copies: z.strictObject({
        expired: listOf(z.strictObject(trashEntry)),
        bytes: numberOrNull,
        kept: z.number(),
        kept_bytes: numberOrNull,
      }),
      trash: z.strictObject({ entries: z.number(), bytes: numberOrNull }),
    },
  },
  "rollback-plan": {
    command: "rollback --dry-run",
    what: "what would be taken back",
    body: {
      publications: listOf(
        z.strictObject({
          run: text,
          dataset: text,
          location: text,
          files: listOf(
            z.strictObject({
              path: text,
              action: z.enum(["put-back", "removed", "as-before", "left"]),
              state: z.enum(["published", "as-before", "changed", "former-lost"]),
            }),
          ),
        }),
      ),
      compensations: listOf(z.strictObject({ ...runName, command: texts })),
      stays: texts,
      refused: z.strictObject({ code: text, message: text, hint: textOrNull }).nullable(),
    },
  },
  "rollback.result": {
    command: "rollback",
    what: "the last line: what came of it",
    body: { session_id: text, status: z.enum(["done", "failed"]), message: text, stays: texts },
  },
} as const;
