import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync } from "node:fs";
import { delimiter } from "node:path";
import type { Duplex } from "node:stream";
import { environmentError } from "../../../core/error/environment-error.ts";
import { identifyProcess, type ProcessIdentity } from "../../../processes/identity.ts";
import { openLog } from "../../../processes/log-file.ts";
import type { ProcessExit } from "../../attempt-files.ts";

/** A project as one worker serves it. */
export interface WorkerProject {
  project_path: string;
  python: string;
  env: string | null;
  conf_source: string | null;
}

/** Equal for equal projects. */
export function keyOf({ project_path, python, env, conf_source }: WorkerProject): string {
  return JSON.stringify([project_path, python, env, conf_source]);
}

/** The folder of the project that a key is of. */
export function readProjectPath(key: string): string {
  const [path = ""] = JSON.parse(key) as string[];
  return path;
}

export type WorkerMode = "fork" | "once";

/** End of a worker; `error` if it could not even be started. */
export type WorkerExit = ProcessExit & { error?: Error };

/** A worker's process, and what this process reaches it by. */
export interface WorkerLink {
  /** Null of one that could not be started. */
  identity: ProcessIdentity | null;
  control: Duplex;
  bell: Duplex;
  /** Resolves with the end of the process, whether it ended by itself or not. */
  exit: Promise<WorkerExit>;
  /** Signals the process group that it leads, as long as it lives. */
  signal(signal: NodeJS.Signals): void;
  /** Keeps this process no longer for its sake. */
  unref(): void;
}

export interface SpawnOptions {
  project: WorkerProject;
  mode: WorkerMode;
  /** The folder of the Python package. */
  workerFolder: string;
  environment: NodeJS.ProcessEnv;
  /** Log to which the worker's own streams go. */
  log: string;
}

/** Starts a worker as a child of this process. Throws EnvironmentError if Python can't be started at all. */
export function spawnWorker(options: SpawnOptions): WorkerLink {
  const log = openLog(options.log);
  try {
    return linkTo(startPython(options, log));
  } finally {
    closeSync(log);
  }
}

function linkTo(child: ChildProcess): WorkerLink {
  const [, , , control, bell] = child.stdio as unknown as [null, null, null, Duplex, Duplex];
  const { pid } = child;
  return {
    identity: pid === undefined ? null : identifyProcess(pid),
    control,
    bell,
    exit: waitForExit(child),
    signal: (signal) => {
      // The pid can't be given out again until it is waited for.
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-pid, signal);
      } catch {
        // It has ended, and its exit is about to be reported.
      }
    },
    unref: () => child.unref(),
  };
}

/** The variables of a worker, which finds its own package first. */
export function workerVariables(environment: NodeJS.ProcessEnv, workerFolder: string): NodeJS.ProcessEnv {
  const searchPath = environment.PYTHONPATH ? [workerFolder, environment.PYTHONPATH] : [workerFolder];
  return { ...environment, PYTHONPATH: searchPath.join(delimiter) };
}

function startPython({ project, mode, workerFolder, environment }: SpawnOptions, log: number): ChildProcess {
  const { project_path, python, env, conf_source } = project;
  const args = ["-m", "runweave_worker", "--project", project_path, "--mode", mode];
  if (env !== null) args.push("--env", env);
  if (conf_source !== null) args.push("--conf-source", conf_source);
  try {
    return spawn(python, args, {
      // The worker has more to say of a missing project than the system.
      cwd: existsSync(project_path) ? project_path : "/",
      env: workerVariables(environment, workerFolder),
      detached: true,
      stdio: ["ignore", log, log, "pipe", "pipe"],
    });
  } catch (error) {
    const message = `${python} can't be started: ${(error as Error).message}`;
    throw environmentError("python-missing", message, "fix `python` in the workflow");
  }
}

function waitForExit(child: ChildProcess): Promise<WorkerExit> {
  const { promise, resolve } = Promise.withResolvers<WorkerExit>();
  child.once("error", (error) => resolve({ exitCode: null, signal: null, error }));
  child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  return promise;
}
