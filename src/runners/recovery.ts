import type { AttemptSignal } from "../core/event/attempt-event.ts";
import type { HoldQueue } from "../core/hold.ts";
import type { Recovery } from "../core/port/recovery.ts";
import type { Attempt, ResolvedRun, StateFolders, Task } from "../core/port/runner.ts";
import type { RunId } from "../core/run-id.ts";
import { giveUpAttempt } from "../processes/claim.ts";
import { attemptFolder } from "../versions/layout.ts";
import { sweepTemporaries } from "../versions/write-file.ts";
import { inspectAttempt } from "./adopted-end.ts";
import type { Adoption } from "./adoption.ts";
import { openSeals } from "./attempt-seals.ts";
import { COMMAND_PROCESS } from "./command/command-kind.ts";
import { adoptKedro } from "./kedro/attempt/adopt-kedro.ts";
import { MODULE_PROCESS } from "./module/module-kind.ts";
import { adoptProcess } from "./process/adopt-process.ts";

export interface RecoveryOptions {
  folders: StateFolders;
  holds: HoldQueue;
  /** Parts of each attempt that are on record already. */
  told: ReadonlyMap<RunId, ToldSignals>;
}

/** Number of the recorded lines of its events, and whether its metrics are recorded. */
export interface ToldSignals {
  events: number;
  metrics: boolean;
}

const NOTHING_TOLD: ToldSignals = { events: 0, metrics: false };

/** One for each kind of run. */
const ADOPTERS: { readonly [Kind in Task["kind"]]: (adoption: Adoption<Extract<Task, { kind: Kind }>>) => Attempt } = {
  kedro: adoptKedro,
  command: (adoption) => adoptProcess(COMMAND_PROCESS, adoption),
  module: (adoption) => adoptProcess(MODULE_PROCESS, adoption),
};

/** Goes on with attempts whose orchestrator is gone, by what is in their folders. */
export function createRecovery({ folders, holds, told }: RecoveryOptions): Recovery {
  const seal = openSeals(folders);
  const folderOf = (run: ResolvedRun) => attemptFolder(folders, run.run_id);
  return {
    inspect: (run) => {
      sweepTemporaries(folderOf(run));
      return inspectAttempt({ folder: folderOf(run), runId: run.run_id });
    },
    claim: (run) => giveUpAttempt(folderOf(run)),
    adopt: (run, handlers) => {
      const adopt = ADOPTERS[run.task.kind] as (adoption: Adoption) => Attempt;
      const { events, metrics } = told.get(run.run_id) ?? NOTHING_TOLD;
      const onSignal = (signal: AttemptSignal) => {
        if (!metrics || signal.type !== "metrics.reported") handlers.onSignal(signal);
      };
      return adopt({ run, handlers: { ...handlers, onSignal }, folders, holds, seal, told: events });
    },
  };
}
