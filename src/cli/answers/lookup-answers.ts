import * as z from "zod";
import { owner, runRecord, sessionRecord, sessionSummary } from "./session-shapes.ts";
import {
  alias,
  attemptOf,
  byName,
  exception,
  fallbacks,
  listOf,
  loaded,
  numberOrNull,
  pinRule,
  request,
  runName,
  taint,
  text,
  textOrNull,
  texts,
} from "./shapes.ts";

const failure = z.strictObject({
  ...attemptOf,
  node: textOrNull,
  exception: exception.nullable(),
  reason: textOrNull,
  loaded_from: listOf(
    z.strictObject({
      dataset: text,
      version: text,
      rule: pinRule,
      from_run: textOrNull,
      from_dataset: textOrNull,
      loaded: z.boolean().nullable(),
    }),
  ),
  log: textOrNull,
  log_tail: texts,
  reproduce: textOrNull,
});

const load = z.strictObject({
  run_id: text,
  ...loaded,
});

const environment = z.strictObject({ python: text, kedro: text, platform: text, packages: byName });

const badVersion = z.strictObject({
  dataset: text,
  run_id: text,
  kind: z.enum(["tainted", "equal", "derived"]),
  taint,
  source: z.object({ dataset: text, run_id: text }),
  replaced_by: textOrNull,
  superseded_by: textOrNull,
  what: text,
});
export const badVersions = listOf(badVersion);

const logged = z.strictObject({ time: text, event: text, message: text, fields: z.record(text, z.unknown()) });
const log = z.strictObject({ ...runName, file: text, lines: texts, events: listOf(logged).optional() });

/** Answers of commands that look something up, or annotate a run. */
export const LOOKUP_ANSWERS = {
  sessions: {
    command: "sessions",
    what: "sessions without their runs, newest first",
    body: { sessions: listOf(z.strictObject({ ...sessionSummary, owner })) },
  },
  runs: { command: "runs", what: "records of runs, newest first", body: { runs: listOf(runRecord) } },
  show: {
    command: "show",
    what: "a session with the records of its runs; of a run, that record alone",
    body: {
      ...sessionRecord,
      owner,
      earlier_attempts: listOf(runRecord),
      environments: z.record(text, environment.nullable()),
      aliases: listOf(alias),
      tainted: badVersions,
      requests: listOf(z.strictObject(request)),
      loads: listOf(load),
      fallbacks,
    },
  },
  errors: {
    command: "errors",
    what: "each run of a session that failed",
    body: { session_id: text, errors: listOf(failure), fallbacks },
  },
  logs: { command: "logs", what: "what each run printed, line by line", body: { logs: listOf(log), fallbacks } },
  path: {
    command: "path",
    what: "where a version is",
    body: { dataset: text, ...runName, path: text, bytes: numberOrNull, hash: textOrNull, fallbacks },
  },
  export: {
    command: "export",
    what: "where a version was copied to",
    body: { dataset: text, ...runName, paths: texts, fallbacks },
  },
  tag: { command: "tag", what: "all tags of a run", body: { run_id: text, tags: byName, fallbacks } },
  note: {
    command: "note",
    what: "all notes of a run",
    body: { run_id: text, notes: listOf(z.strictObject({ time: text, text })), fallbacks },
  },
  alias: {
    command: "alias set|move|remove",
    what: "an alias before and after the change",
    body: { alias: text, before: alias.nullable(), after: alias.nullable(), fallbacks },
  },
  "alias-list": {
    command: "alias list",
    what: "aliases; of one that is named, all that it stood for",
    body: {
      aliases: listOf(alias),
      moves: listOf(z.strictObject({ alias: text, dataset: textOrNull, run_id: textOrNull, time: text })),
    },
  },
  control: {
    command: "cancel, pause, unpause",
    what: "what was asked of a session, and what became of it",
    body: { ...request, fallbacks },
  },
  "nothing-to-resume": {
    command: "resume",
    what: "there is nothing to resume: why, and which sessions can be resumed by name",
    body: { message: text, sessions: listOf(z.strictObject(sessionSummary)) },
  },
} as const;
