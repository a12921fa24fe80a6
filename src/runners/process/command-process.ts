import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { dirname } from "node:path";
import { readClaim } from "../../processes/claim.ts";
import { CommandProblem } from "../../processes/find-program.ts";
import { identifyProcess, type ProcessIdentity } from "../../processes/identity.ts";
import { appendToLog, openLog } from "../../processes/log-file.ts";
import type { MemorySampler } from "../../processes/memory-sampler.ts";
import { RUN_ID_VARIABLE } from "../../processes/run-mark.ts";
import { endGroup, signalGroup } from "../../processes/signals.ts";
import { ALREADY_CLAIMED, type SpawnRequest, spawnClaimed } from "../../processes/spawn-claimed.ts";
import { endStrays } from "../../processes/strays.ts";
import type { ProcessExit } from "../attempt-files.ts";

export interface CommandProcessRequest extends Omit<SpawnRequest, "logFd"> {
  log: string;
  sampler: MemorySampler;
}

export interface CommandEnd extends ProcessExit {
  peakMemoryBytes: number | null;
  /** True if another process had the attempt, so that this one ended at once. */
  alreadyClaimed: boolean;
}

/** A command under way. */
export interface CommandProcess {
  pid: number | null;
  /** Resolves when its whole process group is gone. Rejects if it never started. */
  ended: Promise<CommandEnd>;
  /** Signals its process group. Safe while `ended` is pending only: until then its pid is not given out again. */
  signal(signal: NodeJS.Signals): void;
  /** No longer watches it, nor waits for it. */
  release(): void;
}

const GRACE_MS = 2_000;

/** Starts a command. Throws CommandProblem if its arguments are too long. */
export function startCommandProcess(request: CommandProcessRequest): CommandProcess {
  const child = spawnLogged(request);
  const { pid } = child;
  if (pid === undefined) return { pid: null, ended: waitForExit(child).then(neverStarted), signal() {}, release() {} };
  const leader = identifyProcess(pid);
  request.sampler.watch(pid);
  const ended = waitForExit(child).then((exit) => finish({ request, leader, exit }));
  const release = () => {
    request.sampler.unwatch(pid);
    child.unref();
  };
  return { pid, ended, signal: (signal) => signalChild(child, leader, signal), release };
}

function spawnLogged(request: CommandProcessRequest): ChildProcess {
  const logFd = openLog(request.log);
  try {
    return spawnClaimed({ ...request, logFd });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "E2BIG") throw error;
    throw new CommandProblem("its arguments and environment are too long for the system", "pass long lists in a file");
  } finally {
    closeSync(logFd);
  }
}

function waitForExit(child: ChildProcess): Promise<ProcessExit> {
  const { promise, resolve, reject } = Promise.withResolvers<ProcessExit>();
  child.once("error", reject);
  child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  return promise;
}

interface Finish {
  request: CommandProcessRequest;
  leader: ProcessIdentity;
  exit: ProcessExit;
}

/** Ends what the command left behind, in its group or in sessions of their own, and says so in its log. */
async function finish({ request, leader, exit }: Finish): Promise<CommandEnd> {
  const peakMemoryBytes = request.sampler.unwatch(leader.pid);
  const runId = request.environment[RUN_ID_VARIABLE] ?? "";
  const inGroup = await endGroup(leader, GRACE_MS);
  const left = inGroup + (await endStrays({ runId, ancestor: leader }, GRACE_MS));
  if (left > 0) appendToLog(request.log, `the command left ${left} process${left === 1 ? "" : "es"} behind, now ended`);
  const owner = exit.exitCode === ALREADY_CLAIMED ? readClaim(dirname(request.claimPath))?.owner : null;
  return { ...exit, peakMemoryBytes, alreadyClaimed: owner != null && owner.pid !== leader.pid };
}

function signalChild(child: ChildProcess, leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) signalGroup(leader, signal);
}

function neverStarted(): never {
  throw new Error("the command has no process");
}
