import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { attemptFolder } from "../versions/layout.ts";
import type { StateLocation } from "./locate-state.ts";

/** What an attempt's process was told; null if that is not there any more. */
export function readSpec(state: StateLocation, runId: RunId): JsonObject | null {
  try {
    return JSON.parse(readFileSync(join(attemptFolder(state, runId), "spec.json"), "utf8")) as JsonObject;
  } catch {
    return null;
  }
}
