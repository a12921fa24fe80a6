import * as z from "zod";
import { badVersions } from "./lookup-answers.ts";
import {
  discard,
  exception,
  fallbacks,
  finding,
  listOf,
  loaded,
  numberOrNull,
  pin,
  pinRule,
  runHead,
  text,
  textOrNull,
  texts,
  version,
} from "./shapes.ts";

const lineageRun = runHead.omit({ end_time: true }).extend({ discarded: discard.nullable() });
const lineageVersion = z.strictObject({
  dataset: text,
  version: text,
  writer: textOrNull,
  origin: z.enum(["run", "project", "file", "value"]),
  format: textOrNull,
  tainted: text.optional(),
});
const lineageEdge = z.strictObject({
  kind: z.enum(["wrote", "read", "resumed"]),
  run_id: text,
  dataset: text,
  version: text,
  as: text,
});

const undeclaredEnd = z.strictObject({ session_id: text, workflow: text, run: text, run_id: text });
const undeclaredRead = z.strictObject({
  reader: undeclaredEnd,
  writer: undeclaredEnd,
  ...loaded,
  pinned: pinRule.nullable(),
});

const difference = z.strictObject({ part: text, key: text, a: z.unknown(), b: z.unknown() });
const comparison = {
  a: text,
  b: text,
  runs: listOf(z.strictObject({ run: text, a: runHead, b: runHead, differences: listOf(difference) })),
  compared: z.number(),
  only_a: texts,
  only_b: texts,
  first_cause: difference.extend({ run: text }).nullable(),
};

const exclusion = z.strictObject({ rule: text, reason: text });
const whyLink = z.strictObject({
  depth: z.number(),
  reader: runHead,
  pin,
  writer: runHead.nullable(),
  hash: textOrNull,
  discarded: discard.nullable(),
  beaten: listOf(z.strictObject({ version: text, writer: runHead.nullable(), excluded_by: exclusion })),
  not_taken: z.strictObject({ by_rule: z.record(text, z.number()), may_be_more: z.boolean() }),
  tainted: text.optional(),
});

const certificate = z.strictObject({
  run_id: text,
  session_id: text,
  workflow: text,
  run: text,
  attempt: z.number(),
  status: text,
  git_commit: textOrNull,
  git_dirty: z.boolean().nullable(),
  patch: textOrNull,
  environment: textOrNull,
  runtime_params: z.record(text, z.unknown()),
  inputs: listOf(z.strictObject({ dataset: text, version: text, rule: pinRule, observed: z.boolean().nullable() })),
  outputs: z.record(text, version),
  log: listOf(z.strictObject({ seq: z.number(), type: text, hash: textOrNull })),
});

const drift = z.strictObject({
  kind: z.enum(["python", "package", "platform", "input", "variable"]),
  name: text,
  before: textOrNull,
  after: textOrNull,
});
const reproduced = z.strictObject({
  dataset: text,
  verdict: z.enum(["identical", "equal", "different", "missing"]),
  node: textOrNull,
  hash_before: textOrNull,
  hash_after: textOrNull,
  detail: textOrNull,
  unreadable: z.boolean(),
});

/** Answers of commands that tell the origin of a result, or verify it. */
export const TRACE_ANSWERS = {
  lineage: {
    command: "lineage",
    what: "attempts, the versions that they wrote and read, and the edges between them, from `roots`",
    body: {
      root: text,
      roots: texts,
      direction: z.enum(["up", "down", "both"]),
      runs: listOf(lineageRun),
      versions: listOf(lineageVersion),
      edges: listOf(lineageEdge),
      fallbacks,
    },
  },
  "lineage-undeclared": {
    command: "lineage --undeclared",
    what: "what runs loaded of others without consuming it",
    body: { reads: listOf(undeclaredRead), fallbacks },
  },
  diff: {
    command: "diff",
    what: "how two runs or two sessions differ, causes before effects",
    body: { ...comparison, fallbacks },
  },
  "replay.compared": {
    command: "replay",
    what: "the last line: how the new session differs from the one that was replayed",
    body: { ...comparison, fallbacks },
  },
  why: {
    command: "why",
    what: "why a run read a version: the chain from its pin to what no run made",
    body: { dataset: text, run_id: text, at: textOrNull, chain: listOf(whyLink), fallbacks },
  },
  "why-not": {
    command: "why --not",
    what: "the first rule by which a run did not read a version",
    body: {
      version: text,
      dataset: text,
      run_id: text,
      at: textOrNull,
      pin,
      writer: runHead.nullable(),
      excluded_by: exclusion.nullable(),
      fallbacks,
    },
  },
  verify: {
    command: "verify",
    what: "whether all is as it was recorded, with the certificate of each run",
    body: {
      ok: z.boolean(),
      log: z
        .strictObject({
          events: z.number(),
          unsealed: z.number(),
          head: textOrNull,
          findings: listOf(finding),
          found: numberOrNull,
        })
        .nullable(),
      anchor: z.strictObject({ anchors: z.number(), seq: numberOrNull, time: textOrNull, keyid: text }).nullable(),
      findings: listOf(finding),
      tainted: badVersions,
      unchecked: texts,
      certificates: listOf(certificate),
      fallbacks,
    },
  },
  anchor: {
    command: "anchor",
    what: "the head of the log that was signed, and where that is kept",
    body: { place: text, keyid: text, log: text, seq: z.number(), hash: text, time: text },
  },
  "anchor-key": {
    command: "anchor --new-key",
    what: "the key that was made",
    body: { key: text, public_key: text, keyid: text },
  },
  reproduce: {
    command: "reproduce",
    what: "a recorded run, done again, beside what it was",
    body: {
      run_id: text,
      run: text,
      session_id: text,
      commit: text,
      patch: textOrNull,
      verdict: z.enum(["identical", "equal", "different", "failed"]),
      datasets: listOf(reproduced),
      divergence: z
        .strictObject({
          dataset: text,
          node: textOrNull,
          kind: z.enum(["non-deterministic", "drift", "unknown"]),
          cause: z.strictObject({ kind: text, detail: text }),
        })
        .nullable(),
      drifts: listOf(drift),
      exception: exception.nullable(),
      scratch: textOrNull,
      fallbacks,
    },
  },
} as const;
