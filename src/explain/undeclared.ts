import type { DatasetLoaded, RunEvent, RunFailed, RunSucceeded } from "../core/event.ts";
import type { RegistryReader } from "../core/registry.ts";
import type { Pin, PinRule, RunRecord } from "../core/run.ts";
import { isRunId, type RunId, type SessionId } from "../core/run-id.ts";
import { createLastWriters, type LastWriters } from "./last-writers.ts";

/** One end of an undeclared read. */
export interface UndeclaredEnd {
  session_id: SessionId;
  workflow: string;
  run: string;
  run_id: RunId;
}

/** What an attempt loaded though another one wrote it and nothing says that it was to. */
export interface UndeclaredRead {
  reader: UndeclaredEnd;
  writer: UndeclaredEnd;
  /** The reader's name for it. */
  dataset: string;
  node: string | null;
  version: string | null;
  location: string | null;
  time: string;
  /** `frozen` if the plan at least pinned it as the project's own; null if nothing did. */
  pinned: PinRule | null;
}

/** Pins that the author of the workflow asked for. */
const DECLARED: ReadonlySet<PinRule> = new Set(["consumed", "file", "value", "run_id", "alias"]);

/**
 * Every load of a version, or from a path, that another attempt wrote, and that no `consumes` of the reader speaks of: of
 * one session, or of all. Each once per reader, dataset and writer, oldest first. Reads the log from its beginning, as what
 * an earlier session left at a path is only known from there. Commands report no loads, so none of theirs is here.
 */
export function findUndeclared(registry: RegistryReader, session: SessionId | null = null): UndeclaredRead[] {
  const writers = createLastWriters();
  const pins = new Map<RunId, Pin[]>();
  const found = new Map<string, UndeclaredRead>();
  for (const event of registry.events()) {
    writers.note(event);
    const isWanted = session === null || event.session_id === session;
    if (event.type === "run.resolved" && isWanted) pins.set(event.run_id, event.pins);
    if (event.type === "dataset.loaded" && isWanted) {
      const suspect = judgeLoad(event, pins.get(event.run_id) ?? [], writers);
      const key = JSON.stringify([event.run_id, suspect?.writer, event.dataset]);
      const read = suspect === null || found.has(key) ? null : describeRead(registry, event, suspect);
      if (read !== null) found.set(key, read);
    }
    if (isEndOfAttempt(event)) pins.delete(event.run_id);
    if (isEndOf(event, session)) break;
  }
  return [...found.values()];
}

function isEndOfAttempt(event: RunEvent): event is RunSucceeded | RunFailed {
  return event.type === "run.succeeded" || event.type === "run.failed";
}

function isEndOf(event: RunEvent, session: SessionId | null): boolean {
  return event.type === "session.finished" && event.session_id === session;
}

interface Suspect {
  writer: RunId;
  pin: Pin | undefined;
}

/** Null for what nobody else wrote, and for what was declared. */
function judgeLoad(load: DatasetLoaded, pins: readonly Pin[], writers: LastWriters): Suspect | null {
  const writer = findWriter(load, writers);
  if (writer === null || writer === load.run_id) return null;
  const pin = pins.find(({ dataset }) => dataset === load.dataset);
  const isDeclared = pin !== undefined && DECLARED.has(pin.rule) && [load.version, writer].includes(pin.version);
  return isDeclared ? null : { writer, pin };
}

/** The attempt that wrote what was loaded: by its version, by the place of that version, or the last one at the path. */
function findWriter({ version, location }: DatasetLoaded, writers: LastWriters): RunId | null {
  const named = [version ?? "", ...(location?.split("/") ?? [])].find(isRunId);
  return named ?? (location === null ? null : writers.find(location));
}

/** Null if the registry knows no such attempt. */
function describeRead(registry: RegistryReader, load: DatasetLoaded, { writer, pin }: Suspect): UndeclaredRead | null {
  const ends = { reader: findEnd(registry, load.run_id), writer: findEnd(registry, writer) };
  if (ends.reader === null || ends.writer === null) return null;
  const { dataset, node, version, location, time } = load;
  return {
    reader: ends.reader,
    writer: ends.writer,
    dataset,
    node,
    version,
    location,
    time,
    pinned: pin?.rule ?? null,
  };
}

function findEnd(registry: RegistryReader, runId: RunId): UndeclaredEnd | null {
  const record = registry.findRun(runId);
  return record?.run_id === runId ? toEnd(record, runId) : null;
}

function toEnd({ session_id, workflow, run }: RunRecord, run_id: RunId): UndeclaredEnd {
  return { session_id, workflow, run, run_id };
}
