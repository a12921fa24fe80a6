import { formatLocalTime } from "../../core/text/local-time.ts";
import { cleanText } from "../text/clean-text.ts";
import { formatDuration } from "../text/duration.ts";
import type { LoggedEvent } from "./split-log.ts";

/** `[runweave 2026-11-24 05:01:55] run succeeded (1.2s)`: one line for one line of a log. */
export function renderLoggedEvent({ time, message, fields }: LoggedEvent): string {
  const { duration_ms, pins } = fields;
  const details = [
    ...(typeof duration_ms === "number" ? [formatDuration(duration_ms)] : []),
    ...(Array.isArray(pins) && pins.length > 0 ? [`${pins.length}`] : []),
  ];
  const about = details.length === 0 ? "" : ` (${details.join(", ")})`;
  return cleanText(`[runweave ${formatLocalTime(time)}] ${message}${about}`).replaceAll("\n", " ");
}
