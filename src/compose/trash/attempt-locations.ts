import { join } from "node:path";
import type { RemotePlace } from "../../core/port/remote-storage.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { CatalogEntry } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { readRecord } from "../../processes/read-record.ts";
import { attemptFolder } from "../../versions/layout.ts";
import { ownRemotePlace } from "../../versions/remote-places.ts";

/** A run's own processes write these, so what they hold is only ever used where it names places of that run's own. */
const SETTLED = "settled.json";
const MANIFEST = "manifest";
const EVENTS = "events";

/**
 * Every location that an attempt's own files tell of: what was settled before its first node, what it said it saved, and what
 * its manifest lists. Paths and URLs, of others too.
 */
export function listLocations(folders: StateFolders, runId: RunId): string[] {
  return listDescribed(folders, runId).map(({ location }) => location);
}

/**
 * The folders of remote storage that are an attempt's own by its files or by what the registry knows, each with the entry through
 * which it is reached. Sorted.
 */
export function listRemotePlaces(folders: StateFolders, runId: RunId, known: readonly RemotePlace[]): RemotePlace[] {
  const places = new Map<string, RemotePlace>();
  for (const { location, entry } of [...known, ...listDescribed(folders, runId)]) {
    const own = ownRemotePlace(location, runId);
    if (own !== null && (places.get(own)?.entry ?? null) === null) places.set(own, { location: own, entry });
  }
  return [...places.values()].sort((a, b) => (a.location < b.location ? -1 : 1));
}

function listDescribed(folders: StateFolders, runId: RunId): RemotePlace[] {
  const folder = attemptFolder(folders, runId);
  const settled = parse(read(join(folder, SETTLED)));
  const { outputs, checkpoints } = (parse(read(join(folder, MANIFEST))) ?? {}) as Record<string, unknown>;
  const saved = read(join(folder, EVENTS))
    .split("\n")
    .filter((line) => line.includes('"dataset.saved"'))
    .map(parse);
  return [settled, outputs, checkpoints].flatMap(listValues).concat(saved).flatMap(describe);
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

function describe(value: unknown): RemotePlace[] {
  const { location, entry = null } = (value ?? {}) as { location?: unknown; entry?: unknown };
  const isEntry = typeof entry === "object" && entry !== null && "config" in entry;
  return typeof location === "string" ? [{ location, entry: isEntry ? (entry as CatalogEntry) : null }] : [];
}
