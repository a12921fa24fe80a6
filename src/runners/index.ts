import type { HoldQueue } from "../core/hold.ts";
import type { PhaseClock } from "../core/phase-clock.ts";
import type { ColdRuns } from "../core/port/cold-runs.ts";
import type { KeepOptions, ProjectAgent } from "../core/port/project-agent.ts";
import type { RunnerTable, StateFolders } from "../core/port/runner.ts";
import type { WorkerUpkeep } from "../core/port/worker-upkeep.ts";
import { COMMAND_PROCESS } from "./command/command-kind.ts";
import { openColdRuns } from "./kedro/cold-run.ts";
import { KedroRunner } from "./kedro/kedro-runner.ts";
import type { AnswerOptions } from "./kedro/project-answers.ts";
import { openWorkerUpkeep } from "./kedro/workers/worker-upkeep.ts";
import { MODULE_PROCESS } from "./module/module-kind.ts";
import { ProcessRunner } from "./process/process-runner.ts";

export interface RunnerOptions {
  folders: StateFolders;
  /** Environment of the processes of runs. */
  environment: NodeJS.ProcessEnv;
  /** Queue of attempts for places that other acts use too. */
  holds: HoldQueue;
  /** Folder in which answers of projects are kept; without it none are. */
  answers?: AnswerOptions | undefined;
  /** The folder of the Python package; default: where it is installed. */
  workerFolder?: string;
  /** Lets processes of projects wait for the next session when the runners close; default: they end. */
  keep?: KeepOptions | undefined;
  /** Told while a process of a project is started. */
  phases?: PhaseClock | undefined;
}

/** Runners of all kinds, and what the projects of runs can be asked. */
export interface OpenRunners {
  runners: RunnerTable;
  projects: ProjectAgent;
  /** Ends every process of the runners; resolves when none is left. */
  close(): Promise<void>;
}

/** Creates the runner of each kind, without a process yet; the caller closes them. */
export function openRunners(options: RunnerOptions): OpenRunners {
  const kedro = new KedroRunner(options);
  const command = new ProcessRunner(COMMAND_PROCESS, options);
  const module = new ProcessRunner(MODULE_PROCESS, options);
  const runners = { kedro, command, module };
  const close = async () => void (await Promise.all(Object.values(runners).map((runner) => runner.close())));
  return { runners, projects: kedro, close };
}

/** Opens the state that processes of projects leave in a state folder. */
export function openUpkeep(folders: Pick<StateFolders, "root" | "logs">): WorkerUpkeep {
  return openWorkerUpkeep(folders);
}

/** Opens the attempts of a state folder, to do those of projects again on fresh processes. */
export function openCold(options: { folders: StateFolders; environment: NodeJS.ProcessEnv }): ColdRuns {
  return openColdRuns(options);
}
