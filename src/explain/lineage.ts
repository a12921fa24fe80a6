import type { ReadPin, RegistryReader } from "../core/port/registry.ts";
import type { CatalogEntry, Pin, RunStatus } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { Discard } from "../core/trash.ts";
import { baseName } from "../plan/transcoding.ts";
import { findPinWriters, type WrittenPin } from "./pin-writer.ts";
import { indexSaved } from "./saved-versions.ts";
import { formatTaint, indexTaints, type TaintIndex } from "./taint.ts";

export type LineageDirection = "up" | "down" | "both";

/** An attempt that wrote or read. */
export interface LineageRun {
  run_id: RunId;
  session_id: SessionId;
  workflow: string;
  run: string;
  attempt: number;
  status: RunStatus;
  start_time: string | null;
  /** State of the data, if they are not in their place. */
  discarded: Discard | null;
}

/** A version of a dataset, under the name that its writer gives it. */
export interface LineageVersion {
  dataset: string;
  version: string;
  /** Null if no run of this registry wrote it. */
  writer: RunId | null;
  /** Origin of a version that no run wrote: it was in the project before, or the workflow gave a file or a value. */
  origin: "run" | "project" | "file" | "value";
  /** The type of the catalog entry that saved it, such as `pandas.CSVDataset`; null if none did. */
  format: string | null;
  /**
   * Reason, as the end of a sentence, why the version is tainted, or was made of tainted data; absent if it is good.
   */
  tainted?: string;
}

/**
 * The attempt wrote the version, or was pinned to it under the name `as`, or took it over from the earlier attempt that the
 * version names.
 */
export interface LineageEdge {
  kind: "wrote" | "read" | "resumed";
  run_id: RunId;
  dataset: string;
  version: string;
  as: string;
}

/** Graph of the inputs of an attempt, or of all that was made of its outputs. Each part is in it once. */
export interface Lineage {
  root: RunId;
  direction: LineageDirection;
  runs: LineageRun[];
  versions: LineageVersion[];
  edges: LineageEdge[];
}

export interface TraceOptions {
  direction: LineageDirection;
  /** Further attempts to begin at. */
  others?: readonly RunId[];
  /** The one dataset of the root that is followed down, by any of its formats; null for all that it saved. */
  dataset?: string | null;
}

/**
 * Follows pins through all sessions of the registry, from the attempt `root`, and from others if there are, to what they were made
 * of (`up`), to what was made of them (`down`), or both ways. Throws if the registry has no such attempt.
 */
export function traceLineage(
  registry: RegistryReader,
  root: RunId,
  { direction, others = [], dataset = null }: TraceOptions,
): Lineage {
  return registry.together(() => {
    const trace = createTrace(registry);
    const starts = [root, ...others];
    const known = trace.addKnown(starts);
    for (const runId of starts) if (!known.has(runId)) throw new Error(`the registry has no run ${runId}`);
    if (direction !== "down") walk(starts, (level) => traceInputs(trace, level));
    if (direction !== "up") {
      const isFollowed = (writer: RunId, name: string) =>
        writer !== root || dataset === null || baseName(name) === baseName(dataset);
      walk(starts, (level) => traceOutputs(trace, level, isFollowed));
    }
    return { root, direction, ...trace.collect() };
  });
}

/** Finds the attempts that no other of them reads; in the other direction, those that read from no other of them. */
export function findEnds(registry: RegistryReader, runIds: readonly RunId[], direction: LineageDirection): RunId[] {
  const { edges } = traceRuns(registry, runIds);
  const [from, to] = direction === "down" ? (["read", "wrote"] as const) : (["wrote", "read"] as const);
  const others = Map.groupBy(
    edges.filter(({ kind, run_id }) => kind === to && runIds.includes(run_id)),
    versionKey,
  );
  const leadsOn = (runId: RunId) =>
    edges
      .filter(({ kind, run_id }) => kind === from && run_id === runId)
      .some((edge) => others.get(versionKey(edge))?.some(({ run_id }) => run_id !== runId));
  return runIds.filter((runId) => !leadsOn(runId));
}

/** Traces the reads and writes of some attempts, one step far. */
export function traceRuns(
  registry: RegistryReader,
  runIds: readonly RunId[],
): Pick<Lineage, "runs" | "versions" | "edges"> {
  const trace = createTrace(registry);
  const known = [...trace.addKnown(runIds)];
  traceInputs(trace, known);
  for (const { dataset, version, run_id } of registry.versionsOf(known))
    addWritten(trace, { dataset, version, writer: run_id });
  return trace.collect();
}

/** Identifies a version in maps; a dataset's name may hold any character. */
export function versionKey({ dataset, version }: { dataset: string; version: string }): string {
  return JSON.stringify([dataset, version]);
}

type Written = Pick<LineageVersion, "dataset" | "version"> & { writer: RunId };

/** Findings of a trace so far. */
interface Trace {
  registry: RegistryReader;
  /** Adds those of some attempts that the registry has, and returns them. */
  addKnown(runIds: readonly RunId[]): ReadonlySet<RunId>;
  /** Adds an attempt that the registry has; it is described in the end, as the format of a version is. */
  addRun(runId: RunId): void;
  addVersion(version: Omit<LineageVersion, "format">): void;
  taints: TaintIndex;
  addEdge(edge: LineageEdge): void;
  collect(): Pick<Lineage, "runs" | "versions" | "edges">;
}

function createTrace(registry: RegistryReader): Trace {
  const runs = new Set<RunId>();
  const versions = new Map<string, Omit<LineageVersion, "format">>();
  const edges = new Map<string, LineageEdge>();
  return {
    registry,
    taints: indexTaints(registry),
    addKnown: (runIds) => {
      const known = new Set(registry.findHeads([...new Set(runIds)]).map(({ run_id }) => run_id));
      for (const runId of known) runs.add(runId);
      return known;
    },
    addRun: (runId) => runs.add(runId),
    addVersion: (version) => versions.set(versionKey(version), version),
    addEdge: (edge) => edges.set(JSON.stringify([edge.kind, edge.run_id, edge.dataset, edge.version, edge.as]), edge),
    collect: () => ({
      runs: describeRuns(registry, [...runs]),
      versions: addFormats(registry, [...versions.values()]),
      edges: [...edges.values()],
    }),
  };
}

function describeRuns(registry: RegistryReader, runIds: readonly RunId[]): LineageRun[] {
  const discards = new Map(registry.discardsOf(runIds).map((discard) => [discard.run_id, discard]));
  return registry.findHeads(runIds).map(({ run_id, session_id, workflow, run, attempt, status, start_time }) => {
    const discarded = discards.get(run_id) ?? null;
    return { run_id, session_id, workflow, run, attempt, status, start_time, discarded };
  });
}

/** Adds the format in which each version was saved. */
function addFormats(registry: RegistryReader, versions: readonly Omit<LineageVersion, "format">[]): LineageVersion[] {
  const savedBy = indexSaved(
    registry,
    versions.flatMap(({ writer }) => writer ?? []),
  );
  return versions.map(({ dataset, version, writer, origin, ...taint }) => {
    const format = writer === null ? null : formatOf(savedBy(writer)[dataset]?.entry ?? null);
    return { dataset, version, writer, origin, format, ...taint };
  });
}

function formatOf(entry: CatalogEntry | null): string | null {
  const type = entry?.config.type;
  return typeof type === "string" ? type : null;
}

/**
 * Visits each attempt once, level by level: however wide a level is, it costs the same few questions. Cycles end, and a chain
 * may be of any length. `visit` returns the attempts that a level leads to.
 */
function walk(starts: readonly RunId[], visit: (level: readonly RunId[]) => RunId[]): void {
  const seen = new Set(starts);
  for (let level = [...seen]; level.length > 0; ) {
    level = [...new Set(visit(level))].filter((runId) => !seen.has(runId));
    for (const runId of level) seen.add(runId);
  }
}

/** Adds what the attempts were pinned to; returns the attempts that wrote it. */
function traceInputs(trace: Trace, level: readonly RunId[]): RunId[] {
  const pins = trace.registry.pinsOf(level).filter(({ rule }) => rule !== "own");
  const writerOf = findPinWriters(trace.registry, pins.map(toWritten));
  return pins.flatMap((pin) => {
    const writer = writerOf(toWritten(pin))?.run_id ?? null;
    if (pin.rule === "resumed") addResumption(trace, pin);
    else addRead(trace, pin, writer);
    if (writer === null) return [];
    trace.addRun(writer);
    return [writer];
  });
}

/** A frozen version may be one that an earlier session wrote; what was taken over is of the attempt that it names. */
function toWritten({ rule, version, vouched_by }: ReadPin): WrittenPin {
  return vouched_by === undefined || rule === "resumed" ? { rule, version } : { rule, version, vouched_by };
}

/** Adds those datasets that the attempts wrote and are followed, and who was pinned to them; returns those attempts. */
function traceOutputs(
  trace: Trace,
  level: readonly RunId[],
  isFollowed: (writer: RunId, dataset: string) => boolean,
): RunId[] {
  const written = Map.groupBy(trace.registry.versionsOf(level), ({ run_id }) => run_id);
  const all = trace.registry.readersOf(level);
  const readings = all.filter(({ writer, dataset, from_dataset }) => isFollowed(writer, from_dataset ?? dataset));
  const readers = readings.map(({ run_id }) => run_id);
  const byWriter = Map.groupBy(readings, ({ writer }) => writer);
  for (const writer of level) {
    for (const { dataset, version } of written.get(writer) ?? [])
      if (isFollowed(writer, dataset)) addWritten(trace, { dataset, version, writer });
    for (const pin of byWriter.get(writer) ?? []) {
      trace.addRun(pin.run_id);
      if (pin.rule === "resumed") addResumption(trace, pin);
      else addRead(trace, pin, writer);
    }
  }
  return readers;
}

/**
 * Adds a result that an attempt took over. It counts as the attempt's own from then on; its inputs are those of the
 * earlier one.
 */
function addResumption(trace: Trace, { run_id, dataset, version }: ReadPin): void {
  trace.addVersion({ dataset, version, writer: run_id, origin: "run" });
  trace.addEdge({ kind: "resumed", run_id, dataset, version, as: dataset });
}

function addRead(trace: Trace, pin: ReadPin, writer: RunId | null): void {
  const read = { dataset: pin.from_dataset ?? pin.dataset, version: pin.version };
  if (writer === null) trace.addVersion({ ...read, writer, origin: originOf(pin) });
  else addWritten(trace, { ...read, writer });
  trace.addEdge({ kind: "read", run_id: pin.run_id, ...read, as: pin.dataset });
}

function originOf({ rule }: Pin): LineageVersion["origin"] {
  if (rule === "plain") return "file";
  return rule === "file" || rule === "value" ? rule : "project";
}

function addWritten(trace: Trace, written: Written): void {
  const { dataset, version, writer } = written;
  const bad = trace.taints.ofVersion({ dataset, run_id: writer });
  const tainted = bad === null ? {} : { tainted: formatTaint(bad) };
  trace.addVersion({ ...written, origin: "run", ...tainted });
  trace.addEdge({ kind: "wrote", run_id: writer, dataset, version, as: dataset });
}
