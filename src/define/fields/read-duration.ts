import type { KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";
import { describeValue } from "../schema-issues.ts";
import { MAX_DURATION_MS, MAX_KEPT_MS, parseDuration } from "./duration.ts";

/** Milliseconds, or null if there is none or a wrong one, which was found. `most`: the longest, and in words. */
export function readDuration(
  input: number | string | undefined,
  path: KeyPath,
  findings: Finding[],
  most: readonly [ms: number, words: string] = [MAX_DURATION_MS, "24 days"],
): number | null {
  if (input === undefined) return null;
  const durationMs = parseDuration(input);
  if (durationMs !== null && durationMs > 0 && durationMs <= most[0]) return durationMs;
  const text = describeValue(input);
  const message =
    durationMs === null ? `${text} is not a duration` : `${text} is out of range: over zero, and at most ${most[1]}`;
  findings.push(atValue(path, "invalid-duration", message, "write 90 (seconds), 500ms, 30s, 30m, 1h, 7d or 1h30m"));
  return null;
}

/** The same of `keep_worker`. */
export function readKeepWorker(input: number | string | undefined, path: KeyPath, findings: Finding[]): number | null {
  return readDuration(input, path, findings, [MAX_KEPT_MS, "24h"]);
}
