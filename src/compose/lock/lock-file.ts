import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import * as z from "zod";
import { formatLocation } from "../../core/error/problem.ts";
import { RefusalError } from "../../core/error/refusal-error.ts";
import { decodeText } from "../../define/source/decode-text.ts";
import { LOCK_FORMAT, spreadArms, type WrittenRun } from "../../resolve/lock/format-lock.ts";
import { LOCKED_RULES, type Lock } from "../../resolve/lock/lock.ts";
import { LOCK_SUFFIX } from "../capture/workflow-lock.ts";
import { readOlderModule } from "../kept-plan/older-module.ts";
import { readWritten } from "../kept-plan/read-written.ts";

/** Size in bytes above that of a lock file of 10,000 runs. */
const MAX_BYTES = 64 << 20;

/** A lock file can't be used. */
export class LockFileError extends RefusalError<"no-lock" | "invalid-lock"> {}

/** `churn.lock.json` beside `churn.yaml`. */
export function lockPath(workflowFile: string): string {
  return `${workflowFile.slice(0, workflowFile.length - extname(workflowFile).length)}${LOCK_SUFFIX}`;
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
/** An arm may have one key of a pin, and all arms together the others: only a whole run has whole pins. */
const run = z
  .strictObject({
    task: values,
    program: texts,
    pins: z.record(text, pin.partial()),
    parameters: values,
    environment: text.nullable(),
    code: texts,
    catalog: texts,
    unlocked: z.array(text),
    fingerprint: text,
  })
  .partial();
const environment = z.strictObject({ python: text, kedro: text.optional(), packages: texts });
const schema = z.strictObject({
  runweave_lock: z.literal(LOCK_FORMAT),
  workflow: z.strictObject({ name: text, on_failure: text, isolate: text, publish: z.array(text) }),
  environments: z.record(text, environment),
  runs: z.record(text, run.extend({ arms: z.record(text, run).optional() })),
});
const spread = z.object({ runs: z.record(text, z.looseObject({ pins: z.record(text, pin) })) });

/** Reads a lock file. Throws LockFileError. */
export function readLock(path: string): Lock {
  const parsed = schema.safeParse(readDocument(path));
  if (!parsed.success) throw formatIssue(path, parsed.error);
  // zod says undefined where a key may be left out; none of JSON is.
  const { workflow, environments } = parsed.data as Pick<Lock, "workflow" | "environments">;
  const runs = spreadArms(parsed.data.runs as Record<string, WrittenRun>);
  const whole = spread.safeParse({ runs });
  if (!whole.success) throw formatIssue(path, whole.error);
  const read = Object.entries(runs).map(([name, run]) => [name, { ...run, task: readOlderModule(run.task) }]);
  return { workflow, environments, runs: Object.fromEntries(read) };
}

function formatIssue(path: string, { issues: [issue] }: z.ZodError): LockFileError {
  const at = issue?.path.join(".") ?? "";
  return new LockFileError(
    "invalid-lock",
    `${path} is not a lock file: ${at === "" ? "" : `${at}: `}${issue?.message}`,
  );
}

/** Reads the document, which comes with a merge and may be half of one. */
function readDocument(path: string): unknown {
  const text = decodeText(readBytes(path), path);
  const read = text.ok ? readWritten(text.value, path) : text;
  if (!read.ok) {
    const { location = null, message } = read.problems[0] ?? {};
    throw new LockFileError("invalid-lock", `${formatLocation(location)} can't be read: ${message}`);
  }
  const { value } = read;
  // zod would leave the key out, and take for locked what is not in its result.
  if (hasPrototypeKey(value))
    throw new LockFileError("invalid-lock", `${path} can't be read: it has a key "__proto__"`);
  return value;
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasPrototypeKey);
}

function readBytes(path: string): Buffer {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new Error("it is not a regular file");
    if (found.size > MAX_BYTES) throw new Error(`it has ${found.size} bytes`);
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new LockFileError("no-lock", `there is no lock file ${path}`);
    throw new LockFileError("invalid-lock", `${path} can't be read: ${message}`);
  }
}
