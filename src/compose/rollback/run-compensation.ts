import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { CommandTask, StateFolders } from "../../core/port/runner.ts";
import type { RunRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Compensation } from "../../core/trash.ts";
import { findPinWriters } from "../../explain/pin-writer.ts";
import { indexSaved } from "../../explain/saved-versions.ts";
import { claimPath, giveUpAttempt, readClaim } from "../../processes/claim.ts";
import { CommandProblem, checkVariableNames, findProgram } from "../../processes/find-program.ts";
import { MemorySampler } from "../../processes/memory-sampler.ts";
import { markRun } from "../../processes/run-mark.ts";
import { endStrays } from "../../processes/strays.ts";
import { awaitAdopted } from "../../runners/adopted-end.ts";
import { exitPath, type ProcessExit } from "../../runners/attempt-files.ts";
import { formatExit } from "../../runners/attempt-result.ts";
import { openSeals } from "../../runners/attempt-seals.ts";
import { startCommandProcess } from "../../runners/process/command-process.ts";
import { type CommandPaths, fillPaths } from "../../runners/process/fill-paths.ts";
import { attemptFolder } from "../../versions/layout.ts";
import type { Compensable } from "./plan-rollback.ts";

type Ended = Pick<Compensation, "status" | "message" | "log">;

/**
 * Runs the command that takes a run back, once. A try that another process began and did not see end is followed to its
 * end first: after a success, the command does not run again. Never rejects.
 */
export async function runCompensation(
  registry: RegistryReader,
  folders: StateFolders,
  { record, task }: Compensable,
): Promise<Ended> {
  const parent = join(attemptFolder({ ...folders, attempts: join(folders.root, "rollbacks") }, record.run_id));
  const log = compensationLog(folders, record.run_id);
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const seal = openSeals(folders);
    const sealOf = (folder: string) => seal(record.run_id, `rollback ${basename(folder)}`);
    const before = await awaitBefore(parent, record.run_id, sealOf);
    if (before?.exitCode === 0) return tell(before, log);
    const folder = nextFolder(parent);
    return tell(await execute({ registry, record, task, folder, log, seal: sealOf(folder) }), log);
  } catch (error) {
    // The hint of the problem is for authors who can still change the command.
    const message = error instanceof CommandProblem ? error.what : (error as Error).message;
    return { status: "failed", message, log };
  }
}

/** Path of the output of a command that takes a run back. */
export function compensationLog({ logs }: StateFolders, runId: RunId): string {
  return join(logs, `rollback_${runId}.log`);
}

function tell(exit: ProcessExit, log: string): Ended {
  return { status: exit.exitCode === 0 ? "success" : "failed", message: formatExit(exit), log };
}

/**
 * Waits for the end of the last try; null if there was none, its end is unknown, or it was given up before it began.
 */
async function awaitBefore(
  parent: string,
  runId: RunId,
  sealOf: (folder: string) => string,
): Promise<ProcessExit | null> {
  const count = readdirSync(parent).length;
  const last = join(parent, String(count));
  // The records of the last try may have been deleted while it ran.
  if (count === 0) await endStrays({ runId }, GRACE_MS);
  if (count === 0 || giveUpAttempt(last) || readClaim(last)?.isGivenUp) return null;
  return (await awaitAdopted(last, { runId, seal: sealOf(last), signal: NEVER })).exit;
}

const GRACE_MS = 2_000;
const NEVER = new AbortController().signal;

function nextFolder(parent: string): string {
  const folder = join(parent, String(readdirSync(parent).length + 1));
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

interface Execution {
  registry: RegistryReader;
  record: RunRecord & { run_id: RunId };
  task: CommandTask;
  folder: string;
  log: string;
  seal: string;
}

async function execute({ registry, record, task, folder, log, seal }: Execution): Promise<ProcessExit> {
  const paths = namePaths(registry, record);
  const { argv, environment: own } = fillPaths(task, { paths, variables: process.env });
  checkVariableNames(own);
  const environment = { ...process.env, ...own, ...describeRun(record, paths, folder) };
  const [program = "", ...rest] = argv;
  const found = findProgram({ program, cwd: task.cwd, environment });
  const request = { argv: [found, ...rest], cwd: task.cwd, environment };
  const places = { claimPath: claimPath(folder), exitPath: exitPath(folder), log, seal };
  return await startCommandProcess({ ...request, ...places, sampler: new MemorySampler() }).ended;
}

/** Describes the run that is to be taken back for the command, with the run's own variables. */
function describeRun(
  record: RunRecord & { run_id: RunId },
  { inputs, outputs }: CommandPaths,
  folder: string,
): Record<string, string> {
  const metrics = join(folder, "metrics.json");
  if (!existsSync(metrics)) writeFileSync(metrics, JSON.stringify(record.metrics ?? {}), { mode: 0o600 });
  return {
    ...markRun(process.env, record.run_id),
    RUNWEAVE_SESSION_ID: record.session_id,
    RUNWEAVE_RUN: record.run,
    RUNWEAVE_INPUTS: JSON.stringify(inputs),
    RUNWEAVE_OUTPUTS: JSON.stringify(outputs),
    RUNWEAVE_LOAD_VERSIONS: JSON.stringify(record.load_versions),
    RUNWEAVE_METRICS: metrics,
  };
}

/** Names the places of the versions that the run read and saved. */
function namePaths(registry: RegistryReader, { run_id, outputs }: RunRecord & { run_id: RunId }): CommandPaths {
  const pins = registry.pinsOf([run_id]);
  const writerOf = findPinWriters(registry, pins);
  const savedBy = indexSaved(
    registry,
    pins.flatMap((pin) => writerOf(pin)?.run_id ?? []),
  );
  const inputs = pins.flatMap((pin): [string, string][] => {
    if (pin.rule === "file" && pin.from_dataset !== null) return [[pin.dataset, pin.from_dataset]];
    const writer = writerOf(pin);
    const found = writer === null ? undefined : savedBy(writer.run_id)[pin.from_dataset ?? pin.dataset];
    return found === undefined ? [] : [[pin.dataset, found.location]];
  });
  const saved = Object.entries(outputs).map(([name, { location }]) => [name, location] as const);
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(saved) };
}
