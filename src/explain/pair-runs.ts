import type { RegistryReader } from "../core/port/registry.ts";
import type { SessionRecord } from "../core/run.ts";
import { isRunId, type RunId } from "../core/run-id.ts";
import { readPins } from "./read-pins.ts";

/** Two attempts that are compared with each other. */
export interface RunPair {
  a: RunId;
  b: RunId;
}

/** The two attempts and, before them, those that wrote what they read under the same names: upstream first. */
export function pairUpstream(registry: RegistryReader, a: RunId, b: RunId): RunPair[] {
  const done = new Set<string>();
  const pairs: RunPair[] = [];
  // A pair is listed once all that it reads is: a stack and no recursion, so that a chain may be of any length.
  const stack: { pair: RunPair; isRead: boolean }[] = [{ pair: { a, b }, isRead: false }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { pair, isRead } = top;
    if (isRead) {
      pairs.push(pair);
      continue;
    }
    const key = `${pair.a} ${pair.b}`;
    if (pair.a === pair.b || done.has(key)) continue;
    done.add(key);
    stack.push({ pair, isRead: true });
    for (const above of pairWriters(registry, pair)) stack.push({ pair: above, isRead: false });
  }
  return pairs;
}

/** The runs of two sessions by their names, in plan order; and the names that only one has. */
export function pairSessions(a: SessionRecord, b: SessionRecord) {
  const byName = new Map(a.runs.map((run) => [run.run, run.run_id]));
  const names = new Set(b.runs.map(({ run }) => run));
  const pairs = b.runs.flatMap((run): RunPair[] => {
    const other = byName.get(run.run) ?? null;
    return other === null || run.run_id === null ? [] : [{ a: other, b: run.run_id }];
  });
  return {
    pairs,
    only_a: a.runs.map(({ run }) => run).filter((name) => !names.has(name)),
    only_b: b.runs.map(({ run }) => run).filter((name) => !byName.has(name)),
  };
}

function pairWriters(registry: RegistryReader, { a, b }: RunPair): RunPair[] {
  const writers = new Map(listReads(registry, a).map(({ dataset, version }) => [dataset, version]));
  return listReads(registry, b).flatMap(({ dataset, version }): RunPair[] => {
    const other = writers.get(dataset);
    if (other === undefined || !isRunId(other) || !isRunId(version) || other === version) return [];
    return registry.findHeads([other, version]).length === 2 ? [{ a: other, b: version }] : [];
  });
}

function listReads(registry: RegistryReader, runId: RunId) {
  return readPins(registry, runId).filter(({ rule }) => rule !== "own");
}
