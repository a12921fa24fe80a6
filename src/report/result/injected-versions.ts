import type { RunHead } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import { plain, type Span, styled } from "../text/spans.ts";

/** A version that was put into a run from outside. */
interface InjectedVersion {
  dataset: string;
  version: string;
  /** The run that wrote it, with its session if that is another one; null for a version that no run wrote. */
  fromRun: string | null;
}

/**
 * Names of runs by the versions of what they saved, or took over from attempts before: the session's own, and `outer` attempts
 * as `train of session ID`.
 */
export function nameVersions(
  { session_id, runs }: Pick<SessionRecord, "session_id" | "runs">,
  outer: readonly RunHead[] = [],
): ReadonlyMap<string, string> {
  const others = outer.map((head): [string, string] => [
    head.run_id,
    head.session_id === session_id ? head.run : `${head.run} of session ${head.session_id}`,
  ]);
  const own = runs.flatMap(({ run, run_id, outputs }) => {
    const versions = Object.values(outputs).map(({ version }) => version);
    return (run_id === null ? versions : [run_id, ...versions]).map((version): [string, string] => [version, run]);
  });
  return new Map([...others, ...own]);
}

/** Lists the versions that `run` read and did not write itself, those of its own session first. */
export function listInjected(run: RunRecord, writers: ReadonlyMap<string, string>): InjectedVersion[] {
  const injected = Object.entries(run.load_versions)
    .filter(([dataset, version]) => version !== run.run_id && version !== run.outputs[dataset]?.version)
    .map(([dataset, version]) => ({ dataset, version, fromRun: writers.get(version) ?? null }));
  return injected.sort((left, right) => Number(left.fromRun === null) - Number(right.fromRun === null));
}

/** `table <- 2026-... (prep)`. */
export function describeInjected({ dataset, version, fromRun }: InjectedVersion): Span[] {
  return [
    plain(dataset),
    styled("dim", " <- "),
    plain(version),
    ...(fromRun === null ? [] : [styled("dim", ` (${fromRun})`)]),
  ];
}

/** `200 datasets <- 2026-... (an earlier attempt)`, for each attempt from which the run took something over. */
export function describeTakenOver({ run_id, outputs, load_versions }: RunRecord): Span[][] {
  const taken = Object.entries(outputs).filter(
    ([dataset, { version }]) => version !== run_id && load_versions[dataset] === version,
  );
  const byAttempt = Map.groupBy(taken, ([, { version }]) => version);
  return [...byAttempt].map(([version, { length }]) => [
    plain(length === 1 ? "1 dataset" : `${length} datasets`),
    styled("dim", " <- "),
    plain(version),
    styled("dim", " (an earlier attempt)"),
  ]);
}
