import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { ColdRun, ColdRuns, ProcessState } from "../../core/port/cold-runs.ts";
import type { KedroTask, StateFolders } from "../../core/port/runner.ts";
import type { RunRecord, SessionRecord, VersionRecord } from "../../core/run.ts";
import { createIdSource, type RunId } from "../../core/run-id.ts";
import type { Plan } from "../../plan/plan.ts";
import { openCold, openUpkeep } from "../../runners/index.ts";
import { removeTree } from "../../versions/tree/remove-tree.ts";

/** Prefix of the names that the worker gives to the next numbers of random generators. */
const NUMBERS = "numbers of ";

/** Comparison of a run on a warm process with the same run on a fresh one. */
export interface WarmVerdict {
  run: string;
  project_path: string;
  /** Names of the parts that differ; empty if none does. */
  leaks: string[];
  /** Outputs that differ from one fresh process to the next too, and so prove no leak. */
  random_outputs: string[];
}

/** A session whose Kedro runs have noted what they found in their processes. */
interface ObservedSession {
  plan: Plan;
  record: SessionRecord;
  state: StateFolders;
}

/**
 * Does every succeeded Kedro run of a session again, each on a fresh process, and compares outputs by hash and what the run
 * found in its process. A project in which something leaked is kept cold from then on.
 */
export async function verifyWarm(session: ObservedSession): Promise<WarmVerdict[]> {
  const { plan, record, state } = session;
  const verdicts: WarmVerdict[] = [];
  const cold = openCold({ folders: state, environment: process.env });
  for (const run of record.runs) {
    const task = plan.runs.find((planned) => planned.run === run.run)?.task;
    if (task?.kind !== "kedro" || run.status !== "success" || run.run_id === null) continue;
    verdicts.push(await verifyRun({ run, runId: run.run_id, task }, { record, cold }));
  }
  const since = formatTime(systemClock.now());
  for (const [project_path, leaks] of groupLeaks(verdicts)) openUpkeep(state).keepCold({ project_path, leaks, since });
  return verdicts;
}

function groupLeaks(verdicts: readonly WarmVerdict[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { project_path, leaks } of verdicts) {
    if (leaks.length > 0) found.set(project_path, [...new Set([...(found.get(project_path) ?? []), ...leaks])]);
  }
  return found;
}

interface Verified {
  run: RunRecord;
  runId: RunId;
  task: KedroTask;
}

/** A session next to its runs on fresh processes. */
interface Comparison {
  record: SessionRecord;
  cold: ColdRuns;
}

/** Reads the states that the other runs of the session found in their processes. */
function readOtherStates({ runId }: Verified, { record, cold }: Comparison): ProcessState[] {
  return record.runs
    .filter(({ run_id }) => run_id !== null && run_id !== runId)
    .map(({ run_id }) => cold.readState(run_id as RunId))
    .filter((found) => found !== null);
}

async function verifyRun(verified: Verified, session: Comparison): Promise<WarmVerdict> {
  const { run, runId, task } = verified;
  const ids = createIdSource(systemClock);
  const doAgain = async (): Promise<ColdRun> => {
    const scratch = mkdtempSync(join(tmpdir(), "runweave-cold-"));
    try {
      return await session.cold.run({ original: runId, runId: ids.nextRunId(), scratch, task });
    } finally {
      await removeTree(scratch);
    }
  };
  const cold = await doAgain();
  const others = readOtherStates(verified, session);
  const leaks = compareStates(session.cold.readState(runId), { cold: cold.state, others });
  if (cold.failure !== null) leaks.push(`success of the run (${cold.failure})`);
  const differing = compareOutputs(run.outputs, cold.outputs);
  // Unseeded work gives other bytes each time: a second fresh process tells it from a leak.
  const random_outputs = differing.length === 0 ? [] : compareOutputs(cold.outputs, (await doAgain()).outputs);
  const changed = differing.filter((dataset) => !random_outputs.includes(dataset));
  leaks.push(...changed.map((dataset) => `content of output ${dataset}`));
  return { run: run.run, project_path: task.project_path, leaks, random_outputs };
}

/**
 * Names of what a warm run found otherwise than a cold one. Numbers without a seed are others in each process: those that are
 * the same in two warm runs, and not in the cold one, come from the process that both were forked from.
 */
function compareStates(
  warm: ProcessState | null,
  { cold, others }: { cold: ProcessState | null; others: readonly ProcessState[] },
): string[] {
  if (warm === null || cold === null) return [];
  const names = new Set([...Object.keys(warm), ...Object.keys(cold)]);
  const isShared = (name: string) => others.some((other) => other[name] === warm[name]);
  return [...names].filter((name) => warm[name] !== cold[name] && (!name.startsWith(NUMBERS) || isShared(name))).sort();
}

function compareOutputs(
  one: Readonly<Record<string, VersionRecord>>,
  other: Readonly<Record<string, VersionRecord>>,
): string[] {
  return Object.keys(one).filter((dataset) => one[dataset]?.hash !== other[dataset]?.hash);
}
