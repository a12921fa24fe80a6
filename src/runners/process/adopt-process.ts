import type { Attempt, ProcessTask } from "../../core/port/runner.ts";
import { MemorySampler } from "../../processes/memory-sampler.ts";
import type { Adoption } from "../adoption.ts";
import { ProcessAttempt } from "./process-attempt.ts";
import type { ProcessKind } from "./process-kind.ts";

/** Goes on with a process that another orchestrator started, or takes in what it left. */
export function adoptProcess<T extends ProcessTask>(
  program: ProcessKind<T>,
  { run, handlers, folders, holds, seal }: Adoption<T>,
): Attempt {
  const attempt = new ProcessAttempt({
    run,
    program,
    handlers,
    folders,
    holds,
    seal: (record) => seal(run.run_id, record),
    environment: process.env,
    sampler: new MemorySampler(),
    // The orchestrator that started it has reported it.
    describePython: async () => null,
  });
  const result = attempt.adopt();
  return { result, stop: (how) => attempt.stop(how), release: () => attempt.release() };
}
