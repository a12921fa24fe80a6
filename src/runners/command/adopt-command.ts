import type { Attempt, CommandTask } from "../../core/port/runner.ts";
import { MemorySampler } from "../../processes/memory-sampler.ts";
import type { Adoption } from "../adoption.ts";
import { CommandAttempt } from "./command-attempt.ts";

/** Goes on with a command that another orchestrator started, or takes in what it left. */
export function adoptCommand({ run, handlers, folders, holds, seal }: Adoption<CommandTask>): Attempt {
  const attempt = new CommandAttempt({
    run,
    handlers,
    folders,
    holds,
    seal: (record) => seal(run.run_id, record),
    environment: process.env,
    sampler: new MemorySampler(),
    // The process that started the command has reported it.
    describePython: async () => null,
  });
  const result = attempt.adopt();
  return { result, stop: (how) => attempt.stop(how), release: () => attempt.release() };
}
