import type { RegistryReader } from "../../../core/port/registry.ts";
import type { RunId, SessionId } from "../../../core/run-id.ts";
import { type OpenLineageEvent, toOpenLineage } from "../../../explain/export/openlineage.ts";
import { type RoCrate, toRoCrate } from "../../../explain/export/ro-crate.ts";
import { type Fallback, findNamed, listFallbacks } from "../../../explain/find/find-named.ts";
import { findStartedRun, listStartedRuns } from "../../../explain/find/find-run.ts";
import { findSessionOf } from "../../../explain/find/find-session.ts";
import { findEnds, type Lineage, type LineageDirection, traceLineage, traceRuns } from "../../../explain/lineage.ts";
import { findUndeclared, type UndeclaredRead } from "../../../explain/undeclared.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";

/** A run, version or session, as a user names it. */
export interface TraceRequest {
  id: string;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
  /** `up`: what it was made of; `down`: what was made of it. */
  direction: LineageDirection;
}

/** A lineage, and the runs where it begins: those of a session that no other run of it leads to, or one. */
export interface NamedLineage extends Lineage {
  roots: RunId[];
  fallbacks: Fallback[];
}

/** Traces what a run, a version or the last runs of a session were made of, or what was made of them. Throws ExplainError. */
export function traceNamed(address: StateAddress, request: TraceRequest, context: ActionContext = {}): NamedLineage {
  return readRegistry(address, context, (reader) => {
    const { runIds, dataset, fallback } = reportFound(context, findRoots(reader, request));
    const [root, ...others] = runIds;
    const lineage = traceLineage(reader, root, { direction: request.direction, others, dataset });
    return { ...lineage, roots: runIds, fallbacks: listFallbacks(fallback) };
  });
}

interface Roots {
  runIds: [RunId, ...RunId[]];
  /** The dataset, if a version was named. */
  dataset: string | null;
  fallback: Fallback | null;
}

function findRoots(reader: RegistryReader, { id, session, direction }: TraceRequest): Roots {
  const named = findNamed(reader, id, { takes: "run", session });
  if (named.kind === "session") {
    const runIds = listStartedIds(reader, named.sessionId);
    const [root, ...others] = findEnds(reader, runIds, direction);
    if (root !== undefined) return { runIds: [root, ...others], dataset: null, fallback: null };
  }
  const { run, dataset, fallback } = findStartedRun(reader, id, { session });
  return { runIds: [run.run_id], dataset, fallback };
}

function listStartedIds(reader: RegistryReader, sessionId: SessionId): RunId[] {
  return listStartedRuns(reader, sessionId).map(({ run_id }) => run_id);
}

/** Describes a session, or the session of a run, as an RO-Crate: the metadata of a research object. Throws ExplainError. */
export function exportCrate(
  address: StateAddress,
  { id, session }: Pick<TraceRequest, "id" | "session">,
  context: ActionContext = {},
): RoCrate {
  return readRegistry(address, context, (reader) =>
    toRoCrate(reader, reportFound(context, findSessionOf(reader, id, { session })).session),
  );
}

/** Describes all runs of a session as OpenLineage events, or a run and those of its lineage. Throws ExplainError. */
export function exportOpenLineage(
  address: StateAddress,
  { id, session, direction }: TraceRequest,
  context: ActionContext = {},
): OpenLineageEvent[] {
  return readRegistry(address, context, (reader) => {
    const named = findNamed(reader, id, { takes: "both", session });
    const traceIds = () => {
      const { run, dataset } = reportFound(context, findStartedRun(reader, id, { session }));
      return traceLineage(reader, run.run_id, { direction, dataset }).runs.map(({ run_id }) => run_id);
    };
    const runIds = named.kind === "session" ? listStartedIds(reader, named.sessionId) : traceIds();
    // Traces all reads and writes of each run, also those that lead away from the direction.
    return toOpenLineage(traceRuns(reader, runIds), reader.findHeads(runIds));
  });
}

/** Lists what runs loaded from other runs without consuming it: in one session, or in all of them. Throws ExplainError. */
export function listUndeclared(
  address: StateAddress,
  { id }: { /** A session, or a run for its session. */ id?: string | undefined },
  context: ActionContext = {},
): { reads: UndeclaredRead[]; fallbacks: Fallback[] } {
  return readRegistry(address, context, (reader) => {
    const found = id === undefined ? null : reportFound(context, findSessionOf(reader, id));
    const reads = findUndeclared(reader, found?.session.session_id ?? null);
    return { reads, fallbacks: listFallbacks(found?.fallback ?? null) };
  });
}
