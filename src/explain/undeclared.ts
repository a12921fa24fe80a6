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

/** A read of another run's data that is not declared. */
export interface UndeclaredRead {
  reader: UndeclaredEnd;
  writer: UndeclaredEnd;
  /** The reader's name for it. */
  dataset: string;
  node: string | null;
  version: string | null;
  location: string | null;
  /** Size of the data at that moment; null if they were not looked at. */
  bytes: number | null;
  hash: string | null;
  time: string;
  /** `frozen` or `plain` if the plan at least pinned it as the project's own; null if it has no pin. */
  pinned: PinRule | null;
}

/** Pins that the author of the workflow asked for. */
const DECLARED: ReadonlySet<PinRule> = new Set(["consumed", "resumed", "file", "value", "run_id", "alias"]);

/** Loads that are judged at a time, by the same three questions. */
const LOADS_AT_ONCE = 500;

/**
 * Every load of a version, or from a path, that another attempt wrote, and that no `consumes` of the reader speaks of: of
 * one session, or of all. Each once per reader, dataset and writer, in the order of the log. Reads the loads asked about, and
 * looks up the rest. Commands report no loads, so none of theirs is here.
 */
export function findUndeclared(registry: RegistryReader, session: SessionId | null = null): UndeclaredRead[] {
  const found = new Map<string, UndeclaredRead>();
  for (const loads of inBatches(registry.loads(session))) {
    const suspects = findSuspects(registry, loads).filter((suspect) => !found.has(nameRead(suspect)));
    const ids = new Set(suspects.flatMap(({ load, writer }) => [load.run_id, writer]));
    const heads = new Map(registry.findHeads([...ids]).map((head) => [head.run_id, head]));
    for (const suspect of suspects) {
      const read = found.has(nameRead(suspect)) ? null : describeRead(heads, suspect);
      if (read !== null) found.set(nameRead(suspect), read);
    }
  }
  return [...found.values()];
}

function* inBatches(loads: Iterable<ReadVersion>): Generator<ReadVersion[]> {
  let batch: ReadVersion[] = [];
  for (const load of loads) {
    batch.push(load);
    if (batch.length < LOADS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

interface Suspect {
  load: ReadVersion;
  writer: RunId;
  pin: Pin | undefined;
}

function nameRead({ load, writer }: Suspect): string {
  return JSON.stringify([load.run_id, writer, load.dataset]);
}

/** Leaves out reads of data that no other run wrote, and declared ones. */
function findSuspects(registry: RegistryReader, loads: readonly ReadVersion[]): Suspect[] {
  const writers = findWriters(registry, loads);
  const pins = Map.groupBy(registry.pinsOf([...new Set(loads.map(({ run_id }) => run_id))]), ({ run_id }) => run_id);
  return loads.flatMap((load, at): Suspect[] => {
    const writer = writers[at] ?? null;
    if (writer === null || writer === load.run_id) return [];
    const pin = pins.get(load.run_id)?.find(({ dataset }) => dataset === load.dataset);
    const isDeclared = pin !== undefined && DECLARED.has(pin.rule) && [load.version, writer].includes(pin.version);
    return isDeclared ? [] : [{ load, writer, pin }];
  });
}

/** The attempts that wrote what was loaded: by its version, by the place of that version, or the last one at the path. */
function findWriters(registry: RegistryReader, loads: readonly ReadVersion[]): (RunId | null)[] {
  const named = loads.map(({ version, location }) => [version ?? "", ...(location?.split("/") ?? [])].find(isRunId));
  const places = loads.flatMap(({ location, time }, at) =>
    location === null || named[at] !== undefined ? [] : [{ location, until: time }],
  );
  const last = registry.lastWriters(places).values();
  return loads.map(({ location }, at) => named[at] ?? (location === null ? null : (last.next().value ?? null)));
}

/** Null if the registry knows no such attempt. */
function describeRead(heads: ReadonlyMap<RunId, RunHead>, { load, writer, pin }: Suspect): UndeclaredRead | null {
  const ends = { reader: heads.get(load.run_id), writer: heads.get(writer) };
  if (ends.reader === undefined || ends.writer === undefined) return null;
  const { dataset, node, version, location, bytes, hash, time } = load;
  return {
    reader: toEnd(ends.reader),
    writer: toEnd(ends.writer),
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

function toEnd({ session_id, workflow, run, run_id }: RunHead): UndeclaredEnd {
  return { session_id, workflow, run, run_id };
}
