import type { HoldQueue } from "../core/hold.ts";
import type { PhaseClock } from "../core/phase-clock.ts";
import type { Runner, StateFolders } from "../core/port/runner.ts";
import type { RunKind } from "../core/run.ts";
import { CommandRunner } from "./command/command-runner.ts";
import { KedroRunner } from "./kedro/kedro-runner.ts";
import type { AnswerOptions } from "./kedro/project-answers.ts";
import type { KeepOptions } from "./kedro/workers/keep-options.ts";

export interface RunnerOptions {
  folders: StateFolders;
  /** Environment of the processes of runs. */
  environment: NodeJS.ProcessEnv;
  /** Queue of attempts for places that other acts use too. */
  holds: HoldQueue;
  /** Folder in which answers of Kedro projects are kept; without it none are. */
  answers?: AnswerOptions | undefined;
  /** The folder of the Python package; default: where it is installed. */
  workerFolder?: string;
  /** Lets Kedro workers wait for the next session when the runners close; default: they end. */
  keep?: KeepOptions | undefined;
  /** Told while a worker is started. */
  phases?: PhaseClock | undefined;
}

/** The runner of each kind; of Kedro's, the probe too. */
export interface Runners extends Record<RunKind, Runner> {
  kedro: KedroRunner;
  command: CommandRunner;
}

/** Creates the table of kinds, without a process yet; the caller closes each. */
export function createRunners(options: RunnerOptions): Runners {
  return { kedro: new KedroRunner(options), command: new CommandRunner(options) };
}
