import type { RunRecord } from "../core/run.ts";
import { plain, type Span, styled } from "./spans.ts";

/** A version that was put into a run from outside. */
interface InjectedVersion {
  dataset: string;
  version: string;
  /** The run of the same session that wrote it; null for a version from elsewhere. */
  fromRun: string | null;
}

/** Names of a session's runs by their run_ids, which are the versions that they wrote. */
export function nameVersions(runs: readonly RunRecord[]): ReadonlyMap<string, string> {
  return new Map(runs.flatMap(({ run, run_id }) => (run_id === null ? [] : [[run_id, run] as const])));
}

/** What `run` read that it did not write itself, versions of its own session first. */
export function listInjected(run: RunRecord, writers: ReadonlyMap<string, string>): InjectedVersion[] {
  const injected = Object.entries(run.load_versions)
    .filter(([, version]) => version !== run.run_id)
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
