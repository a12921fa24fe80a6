import type { TableSummary } from "../core/answer/table-summary.ts";
import type { RegistryReader, RunHead } from "../core/port/registry.ts";
import type { JsonObject, RunRecord, SessionRecord } from "../core/run.ts";
import type { SessionId } from "../core/run-id.ts";
import { type Difference, diffRuns, EFFECTS, isOfCheckout, type RunSide } from "../explain/diff-run.ts";
import { pairSessions, pairUpstream, type RunPair } from "../explain/pair-runs.ts";
import { findPinHashes } from "../explain/pin-hash.ts";
import { readPins } from "../explain/read-pins.ts";
import { summarizeTable } from "../versions/read-table.ts";
import { readSpec } from "./failures/read-spec.ts";
import { KeptPlanError } from "./kept-plan/keep-plan.ts";
import { type PlanOwner, readKeptPlan } from "./kept-plan/read-kept-plan.ts";
import type { StateLocation } from "./locate-state.ts";

/** Differences of one run from another. */
export interface RunDiff {
  run: string;
  a: RunHead;
  b: RunHead;
  /** Causes before effects. */
  differences: Difference[];
}

/** Differences of two runs, with all that is upstream of them, or of two sessions. */
export interface Comparison {
  a: string;
  b: string;
  /** Upstream before downstream; those that don't differ are left out. */
  runs: RunDiff[];
  compared: number;
  only_a: string[];
  only_b: string[];
  /** The first difference that is no mere consequence; null if there is none on record. */
  first_cause: (Difference & { run: string }) | null;
}

/** Compares two attempts, and before them those that wrote what they read. */
export async function compareRuns(
  registry: RegistryReader,
  state: StateLocation,
  { a, b }: RunPair,
): Promise<Comparison> {
  const pairs = pairUpstream(registry, a, b);
  return await summarize({ registry, state }, { a, b, pairs, only_a: [], only_b: [] });
}

/** Compares two sessions, run by run. */
export async function compareSessions(
  registry: RegistryReader,
  state: StateLocation,
  { a, b }: { a: SessionRecord; b: SessionRecord },
): Promise<Comparison> {
  return await summarize({ registry, state }, { a: a.session_id, b: b.session_id, ...pairSessions(a, b) });
}

interface Sources {
  registry: RegistryReader;
  state: StateLocation;
  /** Digests of the variables that the runs of a session refer to. */
  variablesOf(session: PlanOwner): Readonly<Record<string, string>>;
}

async function summarize(
  { registry, state }: Omit<Sources, "variablesOf">,
  { pairs, ...names }: Pick<Comparison, "a" | "b" | "only_a" | "only_b"> & { pairs: RunPair[] },
): Promise<Comparison> {
  const sources = { registry, state, variablesOf: readVariablesOnce(state) };
  const runs: RunDiff[] = [];
  const all: RunDiff[] = [];
  const told = new Set<string>();
  // A linked or reused run is the same attempt.
  for (const pair of pairs.filter(({ a, b }) => a !== b)) {
    const diff = await diffPair(sources, pair);
    all.push(diff);
    // The same commit or package differs for every run of two sessions: it is said of the first.
    const differences = diff.differences.filter((difference) => isNews(difference, told));
    if (differences.length > 0) runs.push({ ...diff, differences });
  }
  // A run with equal outputs in spite of a difference passes no difference on.
  const first_cause = findCause(all.filter(({ differences }) => differences.some(isEffect))) ?? findCause(all);
  return { ...names, runs, compared: pairs.length, first_cause };
}

function findCause(runs: readonly RunDiff[]): Comparison["first_cause"] {
  const causes = runs.flatMap(({ run, differences }) => differences.map((difference) => ({ run, ...difference })));
  return causes.find(({ part }) => !EFFECTS.has(part)) ?? null;
}

function isEffect({ part }: Difference): boolean {
  return EFFECTS.has(part) && part !== "durations";
}

function isNews(difference: Difference, told: Set<string>): boolean {
  if (difference.part !== "environment" && !isOfCheckout(difference)) return true;
  return told.size < told.add(JSON.stringify(difference)).size;
}

async function diffPair(sources: Sources, { a, b }: RunPair): Promise<RunDiff> {
  const { registry } = sources;
  const [headA, headB] = registry.findHeads([a, b]);
  if (headA === undefined || headB === undefined) throw new Error(`the registry has lost run ${a} or ${b}`);
  const [recordA, recordB] = [registry.findRun(a), registry.findRun(b)];
  if (recordA === null || recordB === null) throw new Error(`the registry has lost run ${a} or ${b}`);
  // Equal content has equal figures.
  const changed = Object.keys(recordB.outputs).filter(
    (name) => recordA.outputs[name]?.hash !== recordB.outputs[name]?.hash,
  );
  const left = await readSide(sources, recordA, changed);
  return { run: headB.run, a: headA, b: headB, differences: diffRuns(left, await readSide(sources, recordB, changed)) };
}

async function readSide(sources: Sources, record: RunRecord, changed: readonly string[]): Promise<RunSide> {
  const { registry, state } = sources;
  const { run_id, session_id, environment, outputs } = record;
  if (run_id === null) throw new Error(`${record.run} of ${session_id} never started`);
  const session = registry.findSessionHead(session_id);
  if (session === null) throw new Error(`the registry has lost session ${session_id}`);
  const tables: [string, TableSummary | null][] = [];
  for (const dataset of changed) tables.push([dataset, await summarizeTable(outputs[dataset]?.location ?? "")]);
  const spec = readSpec(state, run_id);
  const pins = readPins(registry, run_id).filter(({ rule }) => rule !== "own");
  const reads = pins.map((pin) => ({ pin, reader: { run_id } }));
  const hashes = findPinHashes(registry, reads);
  return {
    record,
    session,
    pins: pins.map((pin, at) => ({ ...pin, hash: hashes[at] ?? null })),
    spec,
    variables: pickVariables(spec, session, sources),
    fingerprint: registry.fingerprintOf(run_id),
    environment: environment === null ? null : registry.findEnvironment(environment),
    tables: Object.fromEntries(tables),
  };
}

/** Digests of variables, by session, each plan read once; a script has none. */
function readVariablesOnce(state: StateLocation): Sources["variablesOf"] {
  const known = new Map<SessionId, Readonly<Record<string, string>>>();
  return (session) => {
    const variables = known.get(session.session_id) ?? readVariables(state, session);
    known.set(session.session_id, variables);
    return variables;
  };
}

function readVariables(state: StateLocation, session: PlanOwner): Readonly<Record<string, string>> {
  try {
    return readKeptPlan(state, session).variables;
  } catch (error) {
    if (error instanceof KeptPlanError) return {};
    throw error;
  }
}

/** Picks the variables that a run's process was told of. */
function pickVariables(spec: JsonObject | null, session: PlanOwner, { variablesOf }: Sources): Record<string, string> {
  const names = Array.isArray(spec?.variables) ? spec.variables : [];
  if (names.length === 0) return {};
  return Object.fromEntries(Object.entries(variablesOf(session)).filter(([name]) => names.includes(name)));
}
