import type { Attempt, KedroTask } from "../../../core/port/runner.ts";
import { hideVariables, listVariables } from "../../../core/variables.ts";
import type { Adoption } from "../../adoption.ts";
import { EventWatch } from "./event-watch.ts";
import { KedroAttempt } from "./kedro-attempt.ts";

/** Goes on with a run that the worker of another orchestrator started, or takes in what it left. */
export function adoptKedro({ run, handlers, folders, holds, seal, told }: Adoption<KedroTask>): Attempt {
  const findWorker = () => Promise.reject(new Error("an attempt that was begun needs no worker"));
  const attempt = new KedroAttempt({
    run,
    handlers,
    folders,
    holds,
    seal: (record) => seal(run.run_id, record),
    watch: new EventWatch(),
    describeEnvironment: () => null,
    hide: hideVariables(listVariables(run.task.runtime_params), process.env),
    findWorker,
    mayBeginAgain: () => false,
  });
  const result = attempt.adopt(told);
  return { result, stop: (how) => attempt.stop(how), release: () => attempt.release() };
}
