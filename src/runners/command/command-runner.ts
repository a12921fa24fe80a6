import type { HoldQueue } from "../../core/hold.ts";
import type { Attempt, AttemptHandlers, CommandTask, Runner, StateFolders } from "../../core/port/runner.ts";
import { MemorySampler } from "../../processes/memory-sampler.ts";
import { openSeals, type SealAttempt } from "../attempt-seals.ts";
import { createPythonTeller } from "../interpreters/python-environment.ts";
import { CommandAttempt, type CommandRun } from "./command-attempt.ts";

export interface CommandRunnerOptions {
  folders: StateFolders;
  environment: NodeJS.ProcessEnv;
  /** Queue of attempts for the paths that they capture. */
  holds: HoldQueue;
  /** Time that a command may take to end by itself when the runner closes. */
  graceMs?: number;
}

/** Runs commands, each in a process group of its own. */
export class CommandRunner implements Runner<CommandTask> {
  readonly kind = "command";
  readonly #options: CommandRunnerOptions;
  readonly #sampler = new MemorySampler();
  readonly #describePython = createPythonTeller();
  readonly #seal: SealAttempt;
  readonly #attempts = new Set<Attempt>();
  /** Ends commands of a process that ends without closing its runner. */
  readonly #killAll = () => {
    for (const attempt of this.#attempts) attempt.stop("kill");
  };
  #closed = false;

  constructor(options: CommandRunnerOptions) {
    // process.env asks the system for each variable again, 0.1 ms each time that it is copied.
    this.#options = { ...options, environment: { ...options.environment } };
    this.#seal = openSeals(options.folders);
    process.on("exit", this.#killAll);
  }

  start(run: CommandRun, handlers: AttemptHandlers): Attempt {
    const { folders, environment, holds } = this.#options;
    const seal = (record: string) => this.#seal(run.run_id, record);
    const own = { sampler: this.#sampler, describePython: this.#describePython, seal };
    const attempt = new CommandAttempt({ run, handlers, folders, environment, holds, ...own });
    if (this.#closed) attempt.stop("kill");
    const release = () => {
      this.#attempts.delete(started);
      attempt.release();
    };
    const started: Attempt = { result: attempt.execute(), stop: (how) => attempt.stop(how), release };
    this.#attempts.add(started);
    void started.result.then(() => this.#attempts.delete(started));
    return started;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const attempts = [...this.#attempts];
    for (const attempt of attempts) attempt.stop("interrupt");
    const impatience = setTimeout(() => {
      for (const attempt of attempts) attempt.stop("kill");
    }, this.#options.graceMs ?? 2_000);
    await Promise.all(attempts.map(({ result }) => result));
    clearTimeout(impatience);
    process.off("exit", this.#killAll);
  }
}
