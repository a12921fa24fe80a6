import type { RegistryReader } from "../core/registry.ts";
import type { CatalogEntry, Pin, RunStatus } from "../core/run.ts";
import { isRunId, type RunId, type SessionId } from "../core/run-id.ts";
import type { Discard } from "../core/trash.ts";
import { findPinWriter } from "./pin-writer.ts";
import { indexTaints, type TaintIndex, tellTaint } from "./taint.ts";

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
  /** What became of its data, if they are not where they were. */
  discarded: Discard | null;
}

/** A version of a dataset, under the name that its writer gives it. */
export interface LineageVersion {
  dataset: string;
  version: string;
  /** Null if no run of this registry wrote it. */
  writer: RunId | null;
  /** Of what no run wrote: the project had it before, or the workflow gave a file or a value. */
  origin: "run" | "project" | "file" | "value";
  /** The type of the catalog entry that saved it, such as `pandas.CSVDataset`; null if none did. */
  format: string | null;
  /** Only of what is tainted, or was made of that: why, as the end of a sentence. */
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

/** Where the inputs of an attempt came from, or what was made of its outputs. Each part is there once. */
export interface Lineage {
  root: RunId;
  direction: LineageDirection;
  runs: LineageRun[];
  versions: LineageVersion[];
  edges: LineageEdge[];
}

/**
 * Follows pins through all sessions of the registry, from the attempt `root`, and from others if there are, to what they were made
 * of (`up`), to what was made of them (`down`), or both ways. Throws if the registry has no such attempt.
 */
export function traceLineage(
  registry: RegistryReader,
  root: RunId,
  { direction, others = [] }: { direction: LineageDirection; others?: readonly RunId[] },
): Lineage {
  return registry.together(() => {
    const trace = createTrace(registry);
    const starts = [root, ...others];
    for (const runId of starts) if (!trace.addRun(runId)) throw new Error(`the registry has no run ${runId}`);
    if (direction !== "down") walk(starts, (reached) => traceInputs(trace, reached));
    if (direction !== "up") walk(starts, (reached) => traceOutputs(trace, reached));
    return { root, direction, ...trace.collect() };
  });
}

/** Those of some attempts that no other one of them reads; for what was made of them, those that read of no other one. */
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

/** What some attempts read and wrote, and no further. */
export function traceRuns(
  registry: RegistryReader,
  runIds: readonly RunId[],
): Pick<Lineage, "runs" | "versions" | "edges"> {
  const trace = createTrace(registry);
  for (const runId of runIds) {
    if (!trace.addRun(runId)) continue;
    traceInputs(trace, runId);
    for (const { dataset, version } of registry.versionsOf(runId))
      addWritten(trace, { dataset, version, writer: runId });
  }
  return trace.collect();
}

/** Identifies a version in maps; a dataset's name may hold any character. */
export function versionKey({ dataset, version }: { dataset: string; version: string }): string {
  return JSON.stringify([dataset, version]);
}

type Written = Pick<LineageVersion, "dataset" | "version"> & { writer: RunId };

/** What was found so far. */
interface Trace {
  registry: RegistryReader;
  /** False if the registry has no such attempt. */
  addRun(runId: RunId): boolean;
  addVersion(version: LineageVersion): void;
  taints: TaintIndex;
  /** The format in which an attempt saved a dataset. */
  findFormat(runId: RunId, dataset: string): string | null;
  addEdge(edge: LineageEdge): void;
  collect(): Pick<Lineage, "runs" | "versions" | "edges">;
}

function createTrace(registry: RegistryReader): Trace {
  const runs = new Map<RunId, LineageRun | null>();
  const versions = new Map<string, LineageVersion>();
  const edges = new Map<string, LineageEdge>();
  const formats = new Map<RunId, ReadonlyMap<string, string | null>>();
  return {
    registry,
    taints: indexTaints(registry),
    findFormat: (runId, dataset) => {
      const known = formats.get(runId) ?? listFormats(registry, runId);
      formats.set(runId, known);
      return known.get(dataset) ?? null;
    },
    addRun: (runId) => {
      if (!runs.has(runId)) runs.set(runId, findWholeRun(registry, runId));
      return runs.get(runId) !== null;
    },
    addVersion: (version) => versions.set(versionKey(version), version),
    addEdge: (edge) => edges.set(JSON.stringify([edge.kind, edge.run_id, edge.dataset, edge.version, edge.as]), edge),
    collect: () => ({
      runs: [...runs.values()].filter((run) => run !== null),
      versions: [...versions.values()],
      edges: [...edges.values()],
    }),
  };
}

function listFormats(registry: RegistryReader, runId: RunId): ReadonlyMap<string, string | null> {
  return new Map(registry.versionsOf(runId).map(({ dataset, entry }) => [dataset, formatOf(entry)]));
}

function formatOf(entry: CatalogEntry | null): string | null {
  const type = entry?.config.type;
  return typeof type === "string" ? type : null;
}

/** Visits each attempt once, so cycles end; a list and no recursion, so a chain may be of any length. */
function walk(starts: readonly RunId[], visit: (runId: RunId) => RunId[]): void {
  const seen = new Set(starts);
  const waiting = [...seen];
  // The list grows while it is walked.
  for (const runId of waiting) {
    for (const next of visit(runId)) {
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
}

/** Adds what the attempt was pinned to; returns the attempts that wrote it. */
function traceInputs(trace: Trace, runId: RunId): RunId[] {
  return trace.registry.pinsOf(runId).flatMap((pin) => {
    if (pin.rule === "own") return [];
    if (pin.rule === "resumed") return traceResumption(trace, runId, pin);
    const writer = findWriter(trace, pin);
    addRead(trace, { runId, pin, writer });
    return writer === null ? [] : [writer];
  });
}

/** Adds what the attempt wrote and who was pinned to it; returns those attempts. */
function traceOutputs(trace: Trace, runId: RunId): RunId[] {
  for (const { dataset, version } of trace.registry.versionsOf(runId))
    addWritten(trace, { dataset, version, writer: runId });
  return trace.registry.readersOf(runId).map((pin) => {
    trace.addRun(pin.run_id);
    if (pin.rule === "resumed") traceResumption(trace, pin.run_id, pin);
    else addRead(trace, { runId: pin.run_id, pin, writer: runId });
    return pin.run_id;
  });
}

/** What an attempt took over counts as its own from then on; what that was made of is a matter of the earlier one. */
function traceResumption(trace: Trace, runId: RunId, { dataset, version }: Pin): RunId[] {
  trace.addVersion({ dataset, version, writer: runId, origin: "run", format: trace.findFormat(runId, dataset) });
  trace.addEdge({ kind: "resumed", run_id: runId, dataset, version, as: dataset });
  return isRunId(version) && trace.addRun(version) ? [version] : [];
}

function addRead(trace: Trace, { runId, pin, writer }: { runId: RunId; pin: Pin; writer: RunId | null }): void {
  const read = { dataset: pin.from_dataset ?? pin.dataset, version: pin.version };
  if (writer === null) trace.addVersion({ ...read, writer, origin: originOf(pin), format: null });
  else addWritten(trace, { ...read, writer });
  trace.addEdge({ kind: "read", run_id: runId, ...read, as: pin.dataset });
}

function originOf({ rule }: Pin): LineageVersion["origin"] {
  if (rule === "plain") return "file";
  return rule === "file" || rule === "value" ? rule : "project";
}

function addWritten(trace: Trace, written: Written): void {
  const { dataset, version, writer } = written;
  const bad = trace.taints.ofVersion({ dataset, run_id: writer });
  const tainted = bad === null ? {} : { tainted: tellTaint(bad) };
  trace.addVersion({ ...written, origin: "run", format: trace.findFormat(writer, dataset), ...tainted });
  trace.addEdge({ kind: "wrote", run_id: writer, dataset, version, as: dataset });
}

/** A frozen version may be one that an earlier session wrote. */
function findWriter(trace: Trace, pin: Pin): RunId | null {
  const writer = findPinWriter(trace.registry, pin)?.run_id ?? null;
  if (writer !== null) trace.addRun(writer);
  return writer;
}

function findWholeRun(registry: RegistryReader, runId: RunId): LineageRun | null {
  const [head] = registry.findHeads([runId]);
  if (head === undefined) return null;
  const { session_id, workflow, run, attempt, status, start_time } = head;
  const discarded = registry.discardsOf([runId])[0] ?? null;
  return { run_id: runId, session_id, workflow, run, attempt, status, start_time, discarded };
}
