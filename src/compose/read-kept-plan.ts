import { readFileSync } from "node:fs";
import * as z from "zod";
import type { SessionId } from "../core/run-id.ts";
import { DEFAULT_POLICY } from "../core/run-policy.ts";
import type { StateFolders } from "../core/runner.ts";
import { CLEANUP_POLICIES } from "../core/trash.ts";
import { KEPT_PLAN_FORMAT, type KeptPlan, keptPlanPath } from "./keep-plan.ts";

/** A session's plan can't be had back; `missing` if there never was one. */
export class KeptPlanError extends Error {
  readonly missing: boolean;

  constructor(message: string, missing: boolean) {
    super(message);
    this.name = "KeptPlanError";
    this.missing = missing;
  }
}

const text = z.string();
const texts = z.array(text);
const version = z.looseObject({
  version: text,
  location: text,
  bytes: z.number().nullable(),
  hash: text.nullable(),
  entry: z.looseObject({}).nullable(),
  plain_location: text.nullable(),
});
const consumed = z.looseObject({ run: text, dataset: text, as: z.enum(["upstream", "downstream"]) });
const injected = z.discriminatedUnion("rule", [
  z.looseObject({ rule: z.enum(["file", "run_id", "alias"]), from_dataset: text, version, frozen: z.looseObject({}) }),
  z.looseObject({ rule: z.literal("value"), version: text, value: z.json() }),
]);
const plainFile = z.looseObject({
  path: text,
  bytes: z.number(),
  modifiedMs: z.number(),
  hash: text.nullable(),
  tree: z.looseObject({ suffix: text, ignored: texts, files: z.number(), mark: text, listing: text }).optional(),
  version: text.optional(),
});
const retries = z.looseObject({
  max: z.number(),
  initialMs: z.number(),
  factor: z.number(),
  maxMs: z.number(),
  jitter: z.boolean(),
  on: texts.nullable(),
});
const policy = z.looseObject({
  retries: retries.nullable(),
  allowFailure: z.boolean(),
  runOn: z.enum(["success", "failure", "always"]),
  // A plan of an older version tells of none.
  cleanup: z.enum(CLEANUP_POLICIES).default(DEFAULT_POLICY.cleanup),
});
const commandTask = z.looseObject({
  kind: z.literal("command"),
  argv: texts.min(1),
  shell: z.boolean(),
  cwd: text,
  environment: z.record(text, text),
  outputs: z.record(text, z.looseObject({ path: text.nullable() })),
});
const task = z.discriminatedUnion("kind", [
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
]);
const run = z.looseObject({
  run: text,
  index: z.number(),
  task,
  needs: texts,
  consumes: z.record(text, consumed),
  injects: z.record(text, injected),
  timeoutMs: z.number().nullable(),
  policy,
  // As the policy's clean-up.
  onRollback: commandTask.nullable().default(null),
  writes: texts,
  frozen: z.record(text, text),
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
  files: z.record(text, plainFile).optional(),
  places: z.array(z.looseObject({ path: text, suffix: text.nullable(), access: z.enum(["read", "write"]) })).optional(),
});
/** What resuming relies on. Further fields stay as they are. */
const schema = z.looseObject({
  format: z.literal(KEPT_PLAN_FORMAT),
  session_id: text,
  store: text,
  max_parallel: z.number().int().positive(),
  // A plan of an older runweave has the values in it.
  variables: z.record(text, text).default({}),
  plan: z.looseObject({
    workflow: text,
    file: text.nullable(),
    onFailure: z.enum(["fail-fast", "continue"]),
    publish: z.array(z.looseObject({ run: text, dataset: text })),
    runs: z.array(run),
  }),
});

/** The plan that a session was started with. Throws KeptPlanError. */
export function readKeptPlan(folders: StateFolders, sessionId: SessionId): KeptPlan {
  const path = keptPlanPath(folders, sessionId);
  const kept = schema.safeParse(readJson(path));
  if (!kept.success) {
    const [issue] = kept.error.issues;
    throw new KeptPlanError(`${path} is no plan: ${issue?.path.join(".")}: ${issue?.message}`, false);
  }
  if (kept.data.session_id !== sessionId) throw new KeptPlanError(`${path} is of ${kept.data.session_id}`, false);
  return kept.data as unknown as KeptPlan;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new KeptPlanError(code === "ENOENT" ? `there is no ${path}` : `${path}: ${message}`, code === "ENOENT");
  }
}
