import { readFileSync } from "node:fs";
import { extname } from "node:path";
import * as z from "zod";
import { LOCKED_RULES, type Lock } from "../../core/lock.ts";
import { LOCK_FORMAT, spreadArms, type WrittenRun } from "../../resolve/format-lock.ts";

/** A lock file can't be used. */
export class LockFileError extends Error {
  readonly code: "no-lock" | "invalid-lock";

  constructor(code: LockFileError["code"], message: string) {
    super(message);
    this.name = "LockFileError";
    this.code = code;
  }
}

/** `churn.lock.json` beside `churn.yaml`. */
export function lockPath(workflowFile: string): string {
  return `${workflowFile.slice(0, workflowFile.length - extname(workflowFile).length)}.lock.json`;
}

const text = z.string();
const texts = z.record(text, text);
const values = z.record(text, z.json());
const pin = z.strictObject({
  rule: z.enum(LOCKED_RULES),
  as: z.literal("downstream").optional(),
  run: text.optional(),
  dataset: text.optional(),
  alias: text.optional(),
  run_id: text.optional(),
  version: text.optional(),
  path: text.optional(),
  value: z.json().optional(),
  hash: text.optional(),
});
const run = z
  .strictObject({
    task: values,
    pins: z.record(text, pin),
    parameters: values,
    environment: text.nullable(),
    code: texts,
    catalog: texts,
    unlocked: z.array(text),
    fingerprint: text,
  })
  .partial();
const environment = z.strictObject({ python: text, kedro: text, packages: texts });
const schema = z.strictObject({
  runweave_lock: z.literal(LOCK_FORMAT),
  workflow: z.strictObject({ name: text, on_failure: text, isolate: text, publish: z.array(text) }),
  environments: z.record(text, environment),
  runs: z.record(text, run.extend({ arms: z.record(text, run).optional() })),
});

/** Reads a lock file. Throws LockFileError. */
export function readLock(path: string): Lock {
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success) throw tellIssue(path, parsed.error);
  const { workflow, environments, runs } = parsed.data;
  // zod says undefined where a key may be left out; none of JSON is.
  return { workflow, environments, runs: spreadArms(runs as Record<string, WrittenRun>) };
}

function tellIssue(path: string, { issues: [issue] }: z.ZodError): LockFileError {
  const at = issue?.path.join(".") ?? "";
  return new LockFileError("invalid-lock", `${path} is no lock file: ${at === "" ? "" : `${at}: `}${issue?.message}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new LockFileError("no-lock", `there is no lock file ${path}`);
    throw new LockFileError("invalid-lock", `${path} can't be read: ${message}`);
  }
}
