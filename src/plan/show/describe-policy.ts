import { describeResources, type Resources } from "../../core/resources.ts";
import { countAttempts, type RetryPolicy } from "../../core/run-policy.ts";
import type { PlannedRun } from "../plan.ts";

const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
/** Longest wait of a timer: a limit of this length is none. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** Policies of a run that differ from the defaults, as `plan --json` prints them. Durations are in milliseconds. */
export interface PolicyJson {
  retries?: RetriesJson;
  timeout_ms?: number;
  keep_worker_ms?: number;
  allow_failure?: true;
  run_on?: "failure" | "always";
  cleanup_on_error?: "trash" | "delete";
  /** Program and arguments. */
  on_rollback?: string[];
  resources?: ResourcesJson;
}

interface RetriesJson {
  max: number;
  initial_ms: number;
  factor: number;
  max_ms: number;
  jitter: boolean;
  on: string[] | null;
  resume?: true;
}

export interface ResourcesJson {
  cpu: number;
  memory_bytes: number;
  gpu: number;
}

export function toResourcesJson({ cpu, memory, gpu }: Resources): ResourcesJson {
  return { cpu, memory_bytes: memory, gpu };
}

/** Null if all is as it is by default. */
export function toPolicyJson({ policy, timeoutMs, onRollback, resources }: PlannedRun): PolicyJson | null {
  const { retries, allowFailure, runOn, cleanup, keepWorkerMs } = policy;
  const json: PolicyJson = {
    ...(retries === null ? {} : { retries: toRetriesJson(retries) }),
    ...(timeoutMs === null ? {} : { timeout_ms: timeoutMs }),
    ...(keepWorkerMs === undefined ? {} : { keep_worker_ms: keepWorkerMs }),
    ...(allowFailure ? { allow_failure: true } : {}),
    ...(runOn === "success" ? {} : { run_on: runOn }),
    ...(cleanup === "keep" ? {} : { cleanup_on_error: cleanup }),
    ...(onRollback === null ? {} : { on_rollback: [...onRollback.argv] }),
    ...(describeResources(resources) === "" ? {} : { resources: toResourcesJson(resources) }),
  };
  return Object.keys(json).length === 0 ? null : json;
}

function toRetriesJson({ max, initialMs, factor, maxMs, jitter, on, resume }: RetryPolicy): RetriesJson {
  const waits = { max, initial_ms: initialMs, factor, max_ms: maxMs, jitter };
  return { ...waits, on: on === null ? null : [...on], ...(resume ? { resume } : {}) };
}

/**
 * Describes the policy for people: `up to 3 attempts, 5s apart, on OSError; timeout 30m; may fail`. Empty for the
 * defaults.
 */
export function describePolicy({ policy, timeoutMs, onRollback, resources }: PlannedRun): string {
  const parts: string[] = [];
  const taken = describeResources(resources);
  if (taken !== "") parts.push(`takes ${taken}`);
  if (policy.retries !== null) parts.push(`up to ${countAttempts(policy)} attempts${describeRetries(policy.retries)}`);
  if (timeoutMs !== null) parts.push(`timeout ${formatTime(timeoutMs)}`);
  if (policy.keepWorkerMs !== undefined) parts.push(`its worker waits ${formatTime(policy.keepWorkerMs)}`);
  if (policy.allowFailure) parts.push("may fail");
  if (policy.runOn === "failure") parts.push("runs only after a failure");
  if (policy.runOn === "always") parts.push("runs always");
  if (policy.cleanup === "trash") parts.push("what a failed attempt saved goes to the trash");
  if (policy.cleanup === "delete") parts.push("what a failed attempt saved is deleted");
  if (onRollback !== null) parts.push(`rolled back by ${onRollback.argv.join(" ")}`);
  return parts.join("; ");
}

function describeRetries({ initialMs, factor, maxMs, jitter, on, resume }: RetryPolicy): string {
  const first = formatTime(initialMs);
  const limit = maxMs === NO_LIMIT_MS ? "" : ` up to ${formatTime(maxMs)}`;
  const waits = factor === 1 ? `, ${first} apart` : `, after ${first}, then ${factor} times as long each${limit}`;
  const types = on === null ? "" : `, on ${on.join(", ")}`;
  const where = resume ? ", each continuing where the last one failed" : "";
  return `${initialMs === 0 ? "" : waits}${jitter && initialMs > 0 ? ", with jitter" : ""}${types}${where}`;
}

/** Formats a duration as a workflow file has it: `1h30m`, `250ms`. */
function formatTime(durationMs: number): string {
  let leftMs = durationMs;
  let text = "";
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    const amount = Math.floor(leftMs / unitMs);
    if (amount > 0) text += `${amount}${unit}`;
    leftMs -= amount * unitMs;
  }
  return leftMs > 0 || text === "" ? `${text}${leftMs}ms` : text;
}
