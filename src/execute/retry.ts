import type { ExceptionRecord } from "../core/run.ts";
import type { RetryPolicy } from "../core/run-policy.ts";

interface FailedAttempt {
  /** Number of the attempt, from 1. */
  attempt: number;
  exception: ExceptionRecord;
  /** Random number from 0 to below 1. */
  random: () => number;
}

/** Returns the wait before the next attempt, in milliseconds; null if there is to be none. */
export function decideRetry(retries: RetryPolicy | null, { attempt, exception, random }: FailedAttempt): number | null {
  if (retries === null || attempt > retries.max) return null;
  if (retries.on !== null && !matchesAny(exception, retries.on)) return null;
  const { initialMs, factor, maxMs, jitter } = retries;
  const fullMs = Math.min(maxMs, initialMs * factor ** (attempt - 1));
  return Math.round(jitter ? fullMs * (0.5 + random() / 2) : fullMs);
}

/** True if the exception, a class that it inherits from, or one of its causes has one of these names. */
function matchesAny(exception: ExceptionRecord, names: readonly string[]): boolean {
  for (let link: ExceptionRecord | null = exception; link !== null; link = link.cause) {
    const types = [link.type, ...(link.classes ?? [])];
    if (names.some((name) => types.some((type) => isNamed(type, name)))) return true;
  }
  return false;
}

/** `ConnectionError` names `requests.exceptions.ConnectionError` too; the dotted name only that one. */
function isNamed(type: string, name: string): boolean {
  return type === name || type.endsWith(`.${name}`);
}
