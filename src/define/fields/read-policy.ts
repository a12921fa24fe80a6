import { DEFAULT_POLICY, type RetryPolicy, type RunPolicy } from "../../core/run-policy.ts";
import type { KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";
import type { CommandRunInput, DefaultsInput, Header, KedroRunInput, RetriesInput } from "../schema.ts";
import { describeValue } from "../schema-issues.ts";
import { MAX_DURATION_MS } from "./duration.ts";
import { readDuration } from "./read-duration.ts";

/** Largest number of retries; a larger one is taken for a slip. */
export const MAX_RETRIES = 1000;
const DEFAULT_FACTOR = 2;

interface PolicyScope {
  header: Header;
  defaults: DefaultsInput;
  findings: Finding[];
}

/** Reads the consequences of a failure of the run, defaults applied. */
export function readPolicy(
  path: KeyPath,
  input: KedroRunInput | CommandRunInput,
  { header, defaults, findings }: PolicyScope,
): RunPolicy {
  const own = readRetries(input.retries, [...path, "retries"], findings);
  return {
    // A wrong default was found once, where it stands.
    retries: input.retries === undefined ? readRetries(defaults.retries, ["defaults", "retries"], []) : own,
    allowFailure: input.allow_failure ?? defaults.allow_failure ?? DEFAULT_POLICY.allowFailure,
    runOn: input.run_on ?? DEFAULT_POLICY.runOn,
    cleanup: input.cleanup_on_error ?? defaults.cleanup_on_error ?? header.cleanup_on_error ?? DEFAULT_POLICY.cleanup,
  };
}

/** Null for none. */
export function readRetries(input: RetriesInput | undefined, path: KeyPath, findings: Finding[]): RetryPolicy | null {
  const { max, backoff, on, resume = false } = typeof input === "object" ? input : { max: input ?? 0 };
  if (max > MAX_RETRIES) {
    const place = typeof input === "object" ? [...path, "max"] : path;
    findings.push(
      atValue(place, "invalid-value", `${describeValue(max)} retries are too many`, `at most ${MAX_RETRIES}`),
    );
  }
  const waits = readBackoff(backoff, [...path, "backoff"], findings);
  return max === 0
    ? null
    : { max, ...waits, on: on === undefined ? null : [...new Set(on)], ...(resume ? { resume } : {}) };
}

type Waits = Pick<RetryPolicy, "initialMs" | "factor" | "maxMs" | "jitter">;
type BackoffInput = Exclude<RetriesInput, number>["backoff"];

function readBackoff(input: BackoffInput, path: KeyPath, findings: Finding[]): Waits {
  if (typeof input !== "object") {
    return { initialMs: readDuration(input, path, findings) ?? 0, factor: 1, maxMs: MAX_DURATION_MS, jitter: false };
  }
  const { initial, factor = DEFAULT_FACTOR, max, jitter = false } = input;
  if (factor < 1) {
    findings.push(
      atValue([...path, "factor"], "invalid-value", "a factor below 1 would shorten the waits", "1 waits equally long"),
    );
  }
  return {
    initialMs: readDuration(initial, [...path, "initial"], findings) ?? 0,
    factor,
    maxMs: readDuration(max, [...path, "max"], findings) ?? MAX_DURATION_MS,
    jitter,
  };
}
