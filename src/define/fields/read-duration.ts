import type { KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";
import { describeValue } from "../schema-issues.ts";
import { MAX_DURATION_MS, parseDuration } from "./duration.ts";

/** Milliseconds, or null if there is none or a wrong one, which was found. */
export function readDuration(input: number | string | undefined, path: KeyPath, findings: Finding[]): number | null {
  if (input === undefined) return null;
  const durationMs = parseDuration(input);
  if (durationMs !== null && durationMs > 0 && durationMs <= MAX_DURATION_MS) return durationMs;
  const text = describeValue(input);
  const message =
    durationMs === null ? `${text} is not a duration` : `${text} is out of range: over zero, and at most 24 days`;
  findings.push(atValue(path, "invalid-duration", message, "write 90 (seconds), 500ms, 30s, 30m, 1h, 7d or 1h30m"));
  return null;
}
