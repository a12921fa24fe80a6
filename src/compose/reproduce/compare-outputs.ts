import { existsSync } from "node:fs";
import type { Leniency } from "../../core/answer/leniency.ts";
import type { ReproducedDataset } from "../../core/answer/reproduction.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { ProjectAgent } from "../../core/port/project-agent.ts";
import type { Task } from "../../core/port/runner.ts";
import type { VersionRecord } from "../../core/run.ts";
import { compareFiles } from "../../versions/compare-files.ts";

/** Beginning of the worker's message about values that can't be loaded. */
const NOT_LOADED = "it can't be compared: ";

type Outputs = Readonly<Record<string, VersionRecord>>;
type Compared = Omit<ReproducedDataset, "node">;

interface CompareOptions {
  task: Task;
  projects: Pick<ProjectAgent, "compare">;
  leniency: Leniency;
}

/**
 * Compares the outputs of two runs: by hash, and where the bytes differ, by their values. The project's own Python loads
 * these, so that no pickle is read here. Throws EnvironmentError, ProjectError.
 */
export async function compareOutputs(
  before: Outputs,
  after: Outputs,
  { task, projects, leniency }: CompareOptions,
): Promise<Compared[]> {
  const found = Object.entries(before).map(([dataset, version]) => judge(dataset, version, after[dataset]));
  const open = found.filter(({ verdict }) => verdict === "different");
  const pairs = open.flatMap(({ dataset }): [string, Pair][] => {
    const [a, b] = [before[dataset], after[dataset]];
    return a === undefined || b === undefined || !existsSync(a.location) ? [] : [[dataset, { a, b }]];
  });
  const differences = await compareValues(Object.fromEntries(pairs), { task, projects, leniency });
  return found.map((compared) => {
    if (compared.verdict !== "different") return compared;
    const difference = differences.get(compared.dataset);
    return difference === null ? { ...compared, verdict: "equal" } : { ...compared, ...describeDifference(difference) };
  });
}

function describeDifference(difference: string | undefined): Pick<Compared, "detail" | "unreadable"> {
  if (difference === undefined)
    return { detail: "the bytes differ, and runweave can't read this format", unreadable: true };
  if (!difference.startsWith(NOT_LOADED)) return { detail: difference, unreadable: false };
  const why = difference.slice(NOT_LOADED.length);
  return { detail: `the bytes differ, and the values can't be compared: ${why}`, unreadable: true };
}

interface Pair {
  a: VersionRecord;
  b: VersionRecord;
}

function judge(dataset: string, { hash: hash_before }: VersionRecord, after: VersionRecord | undefined): Compared {
  const compared = { dataset, hash_before, hash_after: after?.hash ?? null, detail: null, unreadable: false };
  if (after === undefined) return { ...compared, verdict: "missing", detail: "it was not saved" };
  return { ...compared, verdict: hash_before !== null && hash_before === after.hash ? "identical" : "different" };
}

async function compareValues(
  pairs: Readonly<Record<string, Pair>>,
  { task, projects, leniency }: CompareOptions,
): Promise<Map<string, string | null>> {
  const found = new Map<string, string | null>();
  const withEntry = Object.entries(pairs).filter(([, { a, b }]) => a.entry !== null && b.entry !== null);
  if (hasCatalog(task) && withEntry.length > 0) {
    const told = await projects.compare(task, { pairs: Object.fromEntries(withEntry), leniency });
    for (const [dataset, difference] of Object.entries(told)) found.set(dataset, difference);
  }
  for (const [dataset, { a, b }] of Object.entries(pairs)) {
    // The files beside a version are part of it: its own file alone does not tell if two versions are equal.
    if (found.has(dataset) || a.beside !== undefined || b.beside !== undefined) continue;
    const difference = await compareFiles(a.location, b.location, leniency);
    if (difference !== undefined) found.set(dataset, difference);
  }
  return found;
}
