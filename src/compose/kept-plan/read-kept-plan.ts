import * as z from "zod";
import { formatLocation } from "../../core/error/problem.ts";
import { RUN_KINDS } from "../../core/kinds.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { NO_RESOURCES } from "../../core/resources.ts";
import type { SessionOrigin } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { DEFAULT_POLICY } from "../../core/run-policy.ts";
import { CLEANUP_POLICIES } from "../../core/trash.ts";
import { MAX_DURATION_MS } from "../../define/fields/duration.ts";
import { MAX_RETRIES } from "../../define/fields/read-policy.ts";
import { readRecord } from "../../processes/read-record.ts";
import { digestPlan, KEPT_PLAN_FORMAT, type KeptPlan, KeptPlanError, keptPlanPath } from "./keep-plan.ts";
import { formerMaps, joinMaps, keptReads } from "./kept-reads.ts";
import { readOlderModule } from "./older-module.ts";
import { readWritten } from "./read-written.ts";

const text = z.string();
const texts = z.array(text);
const duration = z.number().nonnegative().max(MAX_DURATION_MS);
const amount = z.number().nonnegative();
const resources = z.looseObject({ cpu: amount, memory: amount, gpu: amount });
const retries = z.looseObject({
  max: z.number().int().nonnegative().max(MAX_RETRIES),
  initialMs: duration,
  factor: z.number().positive(),
  maxMs: duration,
  jitter: z.boolean(),
  on: texts.nullable(),
});
const policy = z.looseObject({
  retries: retries.nullable(),
  allowFailure: z.boolean(),
  runOn: z.enum(["success", "failure", "always"]),
  // A plan of an older version tells of none.
  cleanup: z.enum(CLEANUP_POLICIES).default(DEFAULT_POLICY.cleanup),
  keepWorkerMs: duration.optional(),
});
const processFields = {
  cwd: text,
  environment: z.record(text, text),
  outputs: z.record(text, z.looseObject({ path: text.nullable() })),
};
const commandTask = z.looseObject({
  kind: z.literal("command"),
  argv: texts.min(1, "no words"),
  shell: z.boolean(),
  ...processFields,
});
const moduleTask = z.looseObject({
  kind: z.literal("module"),
  module: z.looseObject({ path: text.min(1), params: z.record(text, z.json()) }),
  ...processFields,
});
const anyTask = z.discriminatedUnion("kind", [
  z.looseObject({
    kind: z.literal("kedro"),
    project_path: text,
    pipeline_names: texts,
    filters: z.looseObject({}),
    runtime_params: z.looseObject({}),
    runner: text,
    isolate: z.enum(["all", "declared", "none"]),
    floating: texts,
    outputs: texts,
  }),
  commandTask,
  moduleTask,
]);
const task = z.preprocess(readOlderModule, anyTask);
const planned = z.looseObject({
  plain_location: text.nullable(),
  versioned: z.boolean(),
  entry: z.looseObject({ config: z.record(text, z.json()), versioned: z.boolean() }).nullable(),
  declared: z.boolean(),
  stays: z.boolean(),
});
/** Description of a run by a replay. */
const definition = z.preprocess(readOlderModule, z.looseObject({ kind: z.enum(RUN_KINDS), sources: texts.optional() }));
const run = {
  run: text,
  definition: definition.optional(),
  index: z.number().int(),
  task,
  needs: texts,
  timeoutMs: duration.nullable(),
  resources: resources.default(NO_RESOURCES),
  policy,
  // Clean-up, as in the policy.
  onRollback: commandTask.nullable().default(null),
  work: z.looseObject({}).nullable().default(null),
  saves: z.record(text, planned).optional(),
  watched: z.array(z.looseObject({ path: text, bytes: z.number(), modifiedMs: z.number() })).optional(),
  replay: z
    .looseObject({
      action: z.enum(["link", "compare", "run"]),
      run_id: text.nullable(),
      inputs: z.record(text, text),
      needs: z.record(text, text),
      reason: text,
      unlike: z.record(text, text).optional(),
    })
    .optional(),
  places: z.array(z.looseObject({ path: text, suffix: text.nullable(), access: z.enum(["read", "write"]) })).optional(),
};
const plan = {
  workflow: text,
  file: text.nullable(),
  project_path: text.nullable().default(null),
  maxParallel: z.number().int().positive().nullable().default(null),
  capacity: resources.nullable().default(null),
  onFailure: z.enum(["fail-fast", "continue"]),
  publish: z.array(z.looseObject({ run: text, dataset: text })),
  written: z.array(text).optional(),
  capture: z.literal("tracked").optional(),
  sources: z.record(text, text).optional(),
  locked: z.literal(true).optional(),
};
const kept = {
  session_id: text,
  store: text,
  max_parallel: z.number().int().positive(),
  // A plan of an older runweave has the values in it.
  variables: z.record(text, text).default({}),
  variables_key: text.optional(),
};
const runs = z.array(z.looseObject({ ...run, reads: keptReads }));
const formerRuns = z.array(z.looseObject({ ...run, ...formerMaps }).transform(joinMaps));
/** Fields that resuming relies on. Further fields stay as they are. */
const schema = z.discriminatedUnion("format", [
  z.looseObject({ ...kept, format: z.literal(KEPT_PLAN_FORMAT), plan: z.looseObject({ ...plan, runs }) }),
  z.looseObject({ ...kept, format: z.literal(1), plan: z.looseObject({ ...plan, runs: formerRuns }) }),
]);

/** Session whose plan is wanted; `origin`, if it is known, has the plan's digest. */
export interface PlanOwner {
  session_id: SessionId;
  origin: SessionOrigin | null;
}

/** The plan that a session was started with. Throws KeptPlanError. */
export function readKeptPlan(folders: StateFolders, { session_id, origin }: PlanOwner): KeptPlan {
  const path = keptPlanPath(folders, session_id);
  const read = schema.safeParse(parse(path, readText(path, origin), origin));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new KeptPlanError(`${path} is not a plan: ${issue?.path.join(".")}: ${issue?.message}`, false);
  }
  const { format: _, ...found } = read.data;
  if (found.session_id !== session_id) throw new KeptPlanError(`${path} is of ${found.session_id}`, false);
  return found as unknown as KeptPlan;
}

function readText(path: string, origin: SessionOrigin | null): string {
  const text = readOrThrow(path);
  if (text === null) throw new KeptPlanError(`there is no ${path}`, origin?.plan === undefined);
  const digest = origin?.plan;
  if (digest === undefined || digestPlan(text) === digest) return text;
  throw new KeptPlanError(`${path} is not the plan that the session was started with: it was changed`, false);
}

function readOrThrow(path: string): string | null {
  try {
    return readRecord(path);
  } catch (error) {
    throw new KeptPlanError(`${path} can't be read: ${(error as Error).message}`, false);
  }
}

/** A file with the recorded digest is taken as it is. */
function parse(path: string, text: string, origin: SessionOrigin | null): unknown {
  if (origin?.plan !== undefined) return JSON.parse(text);
  const read = readWritten(text, path);
  if (read.ok) return read.value;
  const { location = null, message } = read.problems[0] ?? {};
  throw new KeptPlanError(`${formatLocation(location)}: ${message}`, false);
}
