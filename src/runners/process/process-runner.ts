import type { HoldQueue } from "../../core/hold.ts";
import type { Attempt, AttemptHandlers, ProcessTask, Runner, StateFolders } from "../../core/port/runner.ts";
import { MemorySampler } from "../../processes/memory-sampler.ts";
import { openSeals, type SealAttempt } from "../attempt-seals.ts";
import { AttemptsUnderWay } from "../attempts-under-way.ts";
import { createPythonTeller } from "../interpreters/python-environment.ts";
import { ProcessAttempt, type ProcessRun } from "./process-attempt.ts";
import type { ProcessKind } from "./process-kind.ts";

export interface ProcessRunnerOptions {
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  /** Queue of attempts for the paths that they capture. */
  holds: HoldQueue;
  /** Time that a run may take to end by itself when the runner closes. */
  graceMs?: number;
}

/** Executes runs of one kind, each in a process group of its own. */
export class ProcessRunner<T extends ProcessTask> implements Runner<T> {
  readonly kind: T["kind"];
  readonly #program: ProcessKind<T>;
  readonly #options: ProcessRunnerOptions;
  readonly #sampler = new MemorySampler();
  readonly #describePython = createPythonTeller();
  readonly #seal: SealAttempt;
  readonly #attempts = new AttemptsUnderWay();
  /** Ends runs of a process that ends without closing its runner. */
  readonly #killAll = () => this.#attempts.stopAll("kill");

  constructor(program: ProcessKind<T>, options: ProcessRunnerOptions) {
    this.kind = program.kind;
    this.#program = program;
    // process.env asks the system for each variable again, 0.1 ms each time that it is copied.
    this.#options = { ...options, environment: { ...options.environment } };
    this.#seal = openSeals(options.folders);
    process.on("exit", this.#killAll);
  }

  start(run: ProcessRun<T>, handlers: AttemptHandlers): Attempt {
    const { folders, environment, holds } = this.#options;
    const seal = (record: string) => this.#seal(run.run_id, record);
    const own = { sampler: this.#sampler, describePython: this.#describePython, seal };
    const attempt = new ProcessAttempt({ run, program: this.#program, handlers, folders, environment, holds, ...own });
    return this.#attempts.start(attempt);
  }

  async close(): Promise<void> {
    const attempts = this.#attempts.beginClosing();
    for (const attempt of attempts) attempt.stop("interrupt");
    const impatience = setTimeout(() => {
      for (const attempt of attempts) attempt.stop("kill");
    }, this.#options.graceMs ?? 2_000);
    await Promise.all(attempts.map(({ result }) => result));
    clearTimeout(impatience);
    process.off("exit", this.#killAll);
  }
}
