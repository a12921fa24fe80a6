import type { ExceptionRecord, RunStatus, SkipReason } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { clipText } from "./clean-text.ts";

const MESSAGE_LIMIT = 500;

/** `ValueError: bad value`, on one line. */
export function describeException({ type, message }: ExceptionRecord): string {
  const text = clipText(message.trim(), MESSAGE_LIMIT);
  return text === "" ? type : `${type}: ${text}`;
}

/** `skipped because prep failed (via train, report)`: the root first, then what lies between. */
export function describeSkip(chain: readonly SkipReason[], reason: string): string {
  const root = chain.at(-1);
  if (root === undefined) return reason === "" ? "skipped" : `skipped: ${reason}`;
  const via = chain.slice(0, -1).map((link) => link.run);
  return `skipped because ${root.run} ${describeStatus(root.status)}${via.length > 0 ? ` (via ${listFew(via)})` : ""}`;
}

function describeStatus(status: RunStatus): string {
  switch (status) {
    case "failed":
      return "failed";
    case "success":
      return "succeeded";
    case "skipped":
    case "cancelled":
    case "reused":
      return `was ${status}`;
    case "pending":
    case "running":
      return `is ${status}`;
    default:
      status satisfies never;
      return status;
  }
}
