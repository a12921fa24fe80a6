import type { RunRecord } from "../../core/run.ts";
import { plain, type Span, styled } from "../text/spans.ts";

/** A version that was put into a run from outside. */
interface InjectedVersion {
  dataset: string;
  version: string;
  /** The run of the same session that wrote it; null for a version from elsewhere. */
  fromRun: string | null;
}

/** Names of a session's runs by the versions of what they saved, or took over from attempts before. */
export function nameVersions(runs: readonly RunRecord[]): ReadonlyMap<string, string> {
  return new Map(
    runs.flatMap(({ run, run_id, outputs }) => {
      const versions = Object.values(outputs).map(({ version }) => version);
      return (run_id === null ? versions : [run_id, ...versions]).map((version) => [version, run] as const);
    }),
  );
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
