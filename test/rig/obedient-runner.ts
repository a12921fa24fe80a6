import type {
  Attempt,
  AttemptHandlers,
  AttemptResult,
  CommandTask,
  ResolvedRun,
  Runner,
} from "../../src/core/port/runner.ts";
import { versionOf } from "./plans.ts";

/** One attempt, in the test's hands. */
export interface HeldAttempt {
  run: ResolvedRun;
  handlers: AttemptHandlers;
  stops: ("interrupt" | "kill" | "release")[];
  succeed(outputs?: string[]): Promise<void>;
  fail(message: string, type?: string): Promise<void>;
}

/**
 * A runner whose attempts do what the test says, when it says it: the loop's decisions are tested without processes,
 * the runners themselves with real ones elsewhere.
 */
export class ObedientRunner implements Runner<CommandTask> {
  readonly kind = "command";
  readonly started: HeldAttempt[] = [];
  readonly #waiting = new Map<string, (attempt: HeldAttempt) => void>();

  start(run: ResolvedRun & { task: CommandTask }, handlers: AttemptHandlers): Attempt {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    const held = holdAttempt(run, handlers, resolve);
    this.started.push(held);
    queueMicrotask(() => {
      handlers.onStarted({ pid: 1, log: `/logs/${run.run_id}` });
      this.#waiting.get(`${run.run} ${run.attempt}`)?.(held);
    });
    return { result: promise, stop: (how) => held.stops.push(how), release: () => held.stops.push("release") };
  }

  /** Resolves when an attempt of `run`, the first one unless another is named, has started. */
  async whenStarted(run: string, attempt = 1): Promise<HeldAttempt> {
    const already = this.started.find((held) => held.run.run === run && held.run.attempt === attempt);
    if (already !== undefined) return already;
    return await new Promise((resolve) => this.#waiting.set(`${run} ${attempt}`, resolve));
  }

  async close(): Promise<void> {}
}

function holdAttempt(
  run: ResolvedRun,
  handlers: AttemptHandlers,
  resolve: (result: AttemptResult) => void,
): HeldAttempt {
  const base = {
    cancelled: false,
    timedOut: false,
    exitCode: 0,
    signal: null,
    durationMs: 5,
    outputsLocation: null,
    peakMemoryBytes: null,
  };
  const settle = async (result: AttemptResult) => {
    resolve(result);
    await new Promise((done) => setImmediate(done));
  };
  return {
    run,
    handlers,
    stops: [],
    succeed: (outputs = []) =>
      settle({
        ...base,
        status: "success",
        exception: null,
        outputs: Object.fromEntries(outputs.map((name) => [name, versionOf(run.run_id)])),
      }),
    fail: (message, type = "ValueError") =>
      settle({
        ...base,
        status: "failed",
        outputs: {},
        exception: { type, message, node: null, traceback: null, cause: null },
      }),
  };
}
