import type { RunStatus, SessionStatus } from "../../core/run.ts";
import { type Span, type Style, styled } from "./spans.ts";

const STYLES: Readonly<Record<RunStatus, Style>> = {
  pending: "dim",
  running: "cyan",
  success: "green",
  failed: "red",
  skipped: "yellow",
  cancelled: "yellow",
  reused: "green",
};

/** Statuses in the order in which people look for them. */
const ORDER: readonly RunStatus[] = ["success", "reused", "running", "failed", "skipped", "cancelled", "pending"];

export function styleStatus(status: RunStatus | SessionStatus): Span {
  return styled(STYLES[status], status);
}

/** `7 success, 1 failed`; what there is none of is left out. */
export function describeCounts(counts: Partial<Record<RunStatus, number>>): string {
  const parts = ORDER.flatMap((status) => {
    const count = counts[status] ?? 0;
    return count > 0 ? [`${count} ${status}`] : [];
  });
  return parts.length > 0 ? parts.join(", ") : "no runs";
}
