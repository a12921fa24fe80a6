import { join } from "node:path";
import type { StateFolders } from "../../core/port/runner.ts";
import type { JsonObject } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { readJsonRecord } from "../../processes/read-record.ts";
import { attemptFolder } from "../../versions/layout.ts";

/** Reads the spec of an attempt's process; null if it does not exist any more. */
export function readSpec(state: StateFolders, runId: RunId): JsonObject | null {
  const spec = readJsonRecord(join(attemptFolder(state, runId), "spec.json"));
  return typeof spec === "object" && spec !== null && !Array.isArray(spec) ? (spec as JsonObject) : null;
}
