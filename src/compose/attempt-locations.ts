import { join } from "node:path";
import type { RunId } from "../core/run-id.ts";
import type { StateFolders } from "../core/runner.ts";
import { readRecord } from "../processes/read-record.ts";
import { attemptFolder } from "../versions/layout.ts";

/** A run's own processes write these, so what they hold is only ever used where it names places of that run's own. */
const SETTLED = "settled.json";
const MANIFEST = "manifest";
const EVENTS = "events";

/**
 * Every location that an attempt's own files tell of: what was settled before its first node, what it said it saved, and what
 * its manifest lists. Paths and URLs, of others too.
 */
export function listLocations(folders: StateFolders, runId: RunId): string[] {
  const folder = attemptFolder(folders, runId);
  const settled = parse(read(join(folder, SETTLED)));
  const { outputs, checkpoints } = (parse(read(join(folder, MANIFEST))) ?? {}) as Record<string, unknown>;
  const saved = read(join(folder, EVENTS))
    .split("\n")
    .filter((line) => line.includes('"dataset.saved"'))
    .map(parse);
  return [settled, outputs, checkpoints].flatMap(listValues).concat(saved).flatMap(locationOf);
}

function read(path: string): string {
  try {
    return readRecord(path) ?? "";
  } catch {
    return "";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function listValues(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function locationOf(value: unknown): string[] {
  const location = (value as { location?: unknown } | null)?.location;
  return typeof location === "string" ? [location] : [];
}
