/** Pattern for durations in words. Stands apart from the schema, as the command line takes durations without reading that. */
export const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest wait of a timer: 24 days, 20 hours and some minutes. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

/** Longest time that a Kedro worker waits for the next session. */
export const MAX_KEPT_MS = 24 * 3_600_000;

/** Milliseconds of `90` (seconds), `500ms`, `30s`, `30m`, `1h`, `7d` or `1h30m`; null if it is none of these. */
export function parseDuration(input: number | string): number | null {
  if (typeof input === "number") return Number.isFinite(input) ? Math.round(input * 1000) : null;
  if (/^\d+$/.test(input)) return Number(input) * 1000;
  if (!DURATION_PATTERN.test(input)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of input.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return Math.round(totalMs);
}
