import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import {
  type ColdRun,
  type ColdRunOrder,
  type ColdRuns,
  OBSERVE_VARIABLE,
  type ProcessState,
} from "../../core/port/cold-runs.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { JsonObject, VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { attemptFolder, attemptLog } from "../../versions/layout.ts";
import { removeTree } from "../../versions/tree/remove-tree.ts";
import { createAttemptFolder } from "../attempt-files.ts";
import { readSealedManifest } from "../attempt-manifest.ts";
import { openSeals } from "../attempt-seals.ts";
import { findPython } from "../interpreters/find-python.ts";
import { findWorkerFolder } from "../interpreters/worker-folder.ts";
import { toWorkerError } from "./workers/worker-errors.ts";
import { startWorker } from "./workers/worker-process.ts";

const STATE_FILE = "process-state";

export interface ColdRunOptions {
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  workerFolder?: string | undefined;
}

/** Opens the attempts of a state folder, to do them again on workers of their own. */
export function openColdRuns(options: ColdRunOptions): ColdRuns {
  const { folders } = options;
  return { readState: (runId) => readProcessState(folders, runId), run: (order) => runCold(order, options) };
}

function readProcessState(folders: StateFolders, runId: RunId): ProcessState | null {
  try {
    return JSON.parse(readFileSync(join(attemptFolder(folders, runId), STATE_FILE), "utf8"));
  } catch {
    return null;
  }
}

async function runCold(
  { original, runId, scratch, task }: ColdRunOrder,
  { folders: from, environment, workerFolder = findWorkerFolder() }: ColdRunOptions,
): Promise<ColdRun> {
  const folders = { ...from, attempts: join(scratch, "attempts"), logs: join(scratch, "logs") };
  const { ensureDir, readJson } = await import("fs-extra/esm");
  await ensureDir(folders.logs);
  const spec = await readJson(join(attemptFolder(from, original), "spec.json"));
  const folder = attemptFolder(folders, runId);
  const renewed = renew(spec, { from: original, to: runId, store: join(scratch, "data") });
  createAttemptFolder(folder, { spec: renewed, marks: {} });
  const { project_path, python: explicit, env, conf_source } = task;
  const python = await findPython({ explicit, projectPath: project_path, environment });
  const worker = startWorker({
    project: { project_path, python, env, conf_source },
    mode: "fork",
    workerFolder,
    environment: { ...environment, [OBSERVE_VARIABLE]: "1" },
    log: join(folders.logs, "worker.log"),
    onBell: () => {},
  });
  try {
    await worker.ready;
    const seal = openSeals({ root: scratch });
    const seals = { exit: seal(runId, "exit"), manifest: seal(runId, "manifest") };
    const { reply, exit } = await worker.startAttempt({ runId, folder, log: attemptLog(folders, runId), seals });
    if (!reply.ok) throw toWorkerError(reply.error);
    await exit;
    const manifest = readSealedManifest(folder, { runId, seal: seals.manifest });
    const outputs = manifest?.outputs ?? {};
    await removeVersions(outputs, runId);
    const failure = manifest === null ? "it ended without a word" : (manifest.exception?.message ?? null);
    return { outputs, state: readProcessState(folders, runId), failure };
  } finally {
    await worker.close();
  }
}

/** The same spec under another run_id, with its own outputs in a place of their own. */
function renew(spec: JsonObject, { from, to, store }: { from: RunId; to: RunId; store: string }): JsonObject {
  const reads = Object.entries(spec.reads as Record<string, JsonObject>);
  const own = reads.map(([dataset, read]) => [dataset, read.version === from ? { ...read, version: to } : read]);
  return { ...spec, run_id: to, store, reads: Object.fromEntries(own) };
}

/** Removes versions that the project itself keeps, so that no run finds one as the newest. */
async function removeVersions(outputs: Record<string, VersionRecord>, runId: RunId): Promise<void> {
  for (const { location } of Object.values(outputs)) {
    const folder = dirname(location);
    if (isAbsolute(location) && folder.endsWith(`/${runId}`)) await removeTree(folder);
  }
}
