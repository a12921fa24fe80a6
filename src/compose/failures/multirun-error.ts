import type { RunFailure } from "../../core/error/run-failure.ts";
import type { SessionRecord } from "../../core/run.ts";

const SHOWN = 20;

/** A session has not succeeded. `failures` holds every failed run, those that were allowed to fail too. */
export class MultirunError extends Error {
  readonly session: SessionRecord;
  readonly failures: readonly RunFailure[];

  constructor(session: SessionRecord, failures: readonly RunFailure[]) {
    super(formatFailures(session, failures));
    this.name = "MultirunError";
    this.session = session;
    this.failures = failures;
  }
}

function formatFailures(
  { session_id, workflow, status, runs }: SessionRecord,
  failures: readonly RunFailure[],
): string {
  const head = `session ${session_id} of ${workflow} ${status === "cancelled" ? "was cancelled" : "failed"}`;
  const counted = `${head}: ${failures.length} of ${runs.length} runs failed`;
  const hidden = failures.length - SHOWN;
  const lines = failures.slice(0, SHOWN).map(formatFailure);
  return [counted, ...lines, ...(hidden > 0 ? [`  and ${hidden} more`] : [])].join("\n");
}

function formatFailure({ run, run_id, attempt, node, exception, reason }: RunFailure): string {
  const what = exception === null ? (reason ?? "no reason is known") : `${exception.type}: ${exception.message}`;
  const where = node === null ? "" : ` in node ${node}`;
  return `  ${run} (${run_id ?? "never started"}, attempt ${attempt})${where}: ${what}`;
}
