import type { ReadVersion, RegistryReader, RunHead } from "../core/port/registry.ts";
import type { Pin, PinRule } from "../core/run.ts";
import { isRunId, type RunId, type SessionId } from "../core/run-id.ts";

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
  /** What was there at that moment; null where nobody looked. */
  bytes: number | null;
  hash: string | null;
  time: string;
  /** `frozen` or `plain` if the plan at least pinned it as the project's own; null if nothing did. */
  pinned: PinRule | null;
}

/** Pins that the author of the workflow asked for. */
const DECLARED: ReadonlySet<PinRule> = new Set(["consumed", "resumed", "file", "value", "run_id", "alias"]);

/**
 * Every load of a version, or from a path, that another attempt wrote, and that no `consumes` of the reader speaks of: of
 * one session, or of all. Each once per reader, dataset and writer, in the order of the log. Reads the loads asked about, and
 * looks up the rest. Commands report no loads, so none of theirs is here.
 */
export function findUndeclared(registry: RegistryReader, session: SessionId | null = null): UndeclaredRead[] {
  const found = new Map<string, UndeclaredRead>();
  let [reader, pins]: [RunId | null, Pin[]] = [null, []];
  for (const load of registry.loads(session)) {
    // The loads of an attempt mostly stand together.
    if (reader !== load.run_id) [reader, pins] = [load.run_id, registry.pinsOf([load.run_id])];
    const suspect = judgeLoad(load, pins, registry);
    const key = JSON.stringify([load.run_id, suspect?.writer, load.dataset]);
    const read = suspect === null || found.has(key) ? null : describeRead(registry, load, suspect);
    if (read !== null) found.set(key, read);
  }
  return [...found.values()];
}

interface Suspect {
  writer: RunId;
  pin: Pin | undefined;
}

/** Null for what nobody else wrote, and for what was declared. */
function judgeLoad(load: ReadVersion, pins: readonly Pin[], registry: RegistryReader): Suspect | null {
  const writer = findWriter(load, registry);
  if (writer === null || writer === load.run_id) return null;
  const pin = pins.find(({ dataset }) => dataset === load.dataset);
  const isDeclared = pin !== undefined && DECLARED.has(pin.rule) && [load.version, writer].includes(pin.version);
  return isDeclared ? null : { writer, pin };
}

/** The attempt that wrote what was loaded: by its version, by the place of that version, or the last one at the path. */
function findWriter({ version, location, time }: ReadVersion, registry: RegistryReader): RunId | null {
  const named = [version ?? "", ...(location?.split("/") ?? [])].find(isRunId);
  return named ?? (location === null ? null : registry.lastWriter(location, time));
}

/** Null if the registry knows no such attempt. */
function describeRead(registry: RegistryReader, load: ReadVersion, { writer, pin }: Suspect): UndeclaredRead | null {
  const ends = { reader: findEnd(registry, load.run_id), writer: findEnd(registry, writer) };
  if (ends.reader === null || ends.writer === null) return null;
  const { dataset, node, version, location, bytes, hash, time } = load;
  return {
    reader: ends.reader,
    writer: ends.writer,
    dataset,
    node,
    version,
    location,
    bytes,
    hash,
    time,
    pinned: pin?.rule ?? null,
  };
}

function findEnd(registry: RegistryReader, runId: RunId): UndeclaredEnd | null {
  const [head] = registry.findHeads([runId]);
  return head === undefined ? null : toEnd(head);
}

function toEnd({ session_id, workflow, run, run_id }: RunHead): UndeclaredEnd {
  return { session_id, workflow, run, run_id };
}
