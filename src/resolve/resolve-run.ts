import { accept, type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import type { EarlierAttempts, PlainFile, ResolvedInput, ResolvedRun, ResolvedValue } from "../core/port/runner.ts";
import type { Pin, VersionRecord } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { versionOfFile } from "../plan/frozen-version.ts";
import type { FrozenInput, PlannedInput, PlannedRun } from "../plan/plan.ts";
import { findVersion } from "./find-version.ts";

/** A succeeded attempt whose versions may be consumed. */
export interface UpstreamAttempt {
  run: string;
  run_id: RunId;
  outputs: Record<string, VersionRecord>;
  /** True if the session reused what the run had saved before; default: it was executed. */
  reused?: boolean;
}

export interface ResolveOptions {
  sessionId: SessionId;
  runId: RunId;
  attempt: number;
  totalRuns: number;
  /** Succeeded attempts by run name: failed and cut off ones are never consumed. */
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  /** Earlier attempts of the run that it may go on from; default: none. */
  resumes?: EarlierAttempts | null;
}

/** All reads of a run. */
interface Settled {
  inputs: Record<string, ResolvedInput>;
  values: Record<string, ResolvedValue>;
  pins: Pin[];
}

/**
 * Settles every read of a run: consumed datasets are pinned to the version that the upstream run saved, its own to its
 * own run_id, all others to the version that planning saw. No read is left to mean "latest". Errors: `not-succeeded`,
 * if an upstream run has no succeeded attempt; `missing-output`, if it saved no such dataset.
 */
export function resolveRun(planned: PlannedRun, options: ResolveOptions): Checked<ResolvedRun> {
  const problems: Problem[] = [];
  const inputs: Record<string, ResolvedInput> = {};
  const pins: Pin[] = [];
  for (const [dataset, wanted] of Object.entries(planned.consumes)) {
    const input = settleInput(planned.run, dataset, wanted, options.upstream);
    if (!input.ok) {
      problems.push(...input.problems);
      continue;
    }
    inputs[dataset] = input.value;
    pins.push(consumedPin(dataset, input.value, { ...options, from: wanted.run }));
  }
  if (problems.length > 0) return { ok: false, problems };
  const injected = settleInjects(planned.injects);
  pins.push(...injected.pins, ...ownPins(planned, options.runId), ...frozenPins(planned), ...plainPins(planned));
  notePassedOver(pins, planned);
  const { values } = injected;
  return accept(describeRun(planned, options, { inputs: { ...inputs, ...injected.inputs }, values, pins }));
}

function settleInput(
  run: string,
  dataset: string,
  wanted: PlannedInput,
  upstream: ReadonlyMap<string, UpstreamAttempt>,
): Checked<ResolvedInput> {
  const attempt = upstream.get(wanted.run);
  if (attempt === undefined) {
    const message = `${run} consumes ${dataset} from ${wanted.run}, which has no succeeded attempt`;
    return { ok: false, problems: [problemAt(null, "not-succeeded", message)] };
  }
  const version = findVersion(attempt.outputs, wanted.dataset);
  if (version === null) {
    const saved = Object.keys(attempt.outputs).join(", ") || "nothing";
    const message = `${run} consumes ${wanted.dataset} from ${wanted.run} (${attempt.run_id}), which did not save it`;
    return { ok: false, problems: [problemAt(null, "missing-output", message, `it saved: ${saved}`)] };
  }
  return accept({ from_run: wanted.run, from_dataset: wanted.dataset, as: wanted.as, version });
}

/** Settles inputs from outside the session, which were found when the plan was made. */
function settleInjects(injects: Readonly<Record<string, FrozenInput>>): Settled {
  const inputs: Record<string, ResolvedInput> = {};
  const values: Record<string, ResolvedValue> = {};
  const pins: Pin[] = [];
  for (const [dataset, input] of Object.entries(injects)) {
    const { rule, reason } = input;
    if (rule === "value") {
      const { version, value } = input;
      values[dataset] = { version, value };
      pins.push({ dataset, version, rule, from_run: null, from_dataset: null, reason });
    } else {
      const { from_run, from_dataset, as, version, frozen, vouched_by } = input;
      inputs[dataset] = { from_run, from_dataset, as, version, frozen };
      const vouched = vouched_by === undefined ? {} : { vouched_by };
      pins.push({ dataset, version: version.version, rule, from_run, from_dataset, reason, ...vouched });
    }
  }
  return { inputs, values, pins };
}

/** The session is named: a later session that reuses the run shows this pin too. */
function consumedPin(
  dataset: string,
  input: ResolvedInput,
  { upstream, sessionId, from }: Pick<ResolveOptions, "upstream" | "sessionId"> & { from: string },
): Pin {
  const { version } = input.version;
  const writer = upstream.get(from);
  const how = writer?.reused
    ? `whose earlier result session ${sessionId} reused`
    : `which saved it in session ${sessionId}`;
  return {
    dataset,
    version,
    rule: "consumed",
    from_run: input.from_run,
    from_dataset: input.from_dataset,
    reason: `consumes ${input.from_dataset} from ${from}, ${how}`,
    ...(writer === undefined || writer.run_id === version ? {} : { vouched_by: writer.run_id }),
  };
}

function ownPins(planned: PlannedRun, runId: RunId): Pin[] {
  const reason = "the run writes it itself, so what it reads back is its own";
  return planned.writes
    .filter((dataset) => !Object.hasOwn(planned.consumes, dataset) && !Object.hasOwn(planned.injects, dataset))
    .map((dataset) => ({ dataset, version: runId, rule: "own", from_run: null, from_dataset: null, reason }));
}

function frozenPins({ frozen, held = [], files = {} }: PlannedRun): Pin[] {
  const newest = "the newest version that the project had when the plan was made";
  return Object.entries(frozen).map(([dataset, version]) => {
    const why = held.includes(dataset) ? "the version that the lock file has" : newest;
    const file = Object.hasOwn(files, dataset) ? files[dataset] : undefined;
    const reason = file === undefined ? why : `${why}: ${describeFile(file)}`;
    return { dataset, version, rule: "frozen", from_run: null, from_dataset: null, reason };
  });
}

function plainPins({ files = {} }: PlannedRun): Pin[] {
  return Object.entries(files)
    .filter(([, { version }]) => version === undefined)
    .map(([dataset, file]) => ({
      dataset,
      version: versionOfFile(file),
      rule: "plain",
      from_run: null,
      from_dataset: file.path,
      reason: `the project's own ${file.tree === undefined ? "file" : "folder"} as it was when the plan was made: ${describeFile(file)}`,
    }));
}

/** The hash comes last, where `findPinHashes` looks for it. */
function describeFile({ bytes, modifiedMs, hash, tree }: PlainFile): string {
  const size = tree === undefined ? `${bytes} bytes` : `${tree.files} files, ${bytes} bytes`;
  const seen = modifiedMs === null ? size : `${size}, last changed ${new Date(modifiedMs).toISOString()}`;
  return `${seen}, ${hash ?? "too large to be hashed"}`;
}

/** The project's own newest version, where the rule took another one. */
function notePassedOver(pins: readonly Pin[], { passedOver }: PlannedRun): void {
  for (const pin of pins) {
    const latest = Object.hasOwn(passedOver, pin.dataset) ? passedOver[pin.dataset] : undefined;
    if (latest !== undefined && latest !== pin.version) pin.passed_over = latest;
  }
}

function describeRun(planned: PlannedRun, options: ResolveOptions, settled: Settled): ResolvedRun {
  return {
    session_id: options.sessionId,
    run: planned.run,
    run_id: options.runId,
    attempt: options.attempt,
    run_index: planned.index,
    total_runs: options.totalRuns,
    task: planned.task,
    pins: settled.pins,
    load_versions: Object.fromEntries(settled.pins.map((pin) => [pin.dataset, pin.version])),
    inputs: settled.inputs,
    values: settled.values,
    files: planned.files ?? {},
    saves: planned.saves ?? null,
    places: planned.places ?? [],
    resumes: options.resumes ?? null,
    timeoutMs: planned.timeoutMs,
  } as ResolvedRun;
}
