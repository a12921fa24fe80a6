import type { Attempt } from "../core/port/runner.ts";

/** An attempt that has not begun. */
interface Startable extends Pick<Attempt, "stop" | "release"> {
  execute(): Attempt["result"];
}

/** Attempts of one runner that have not ended, and are not left to another process. */
export class AttemptsUnderWay {
  readonly #attempts = new Set<Attempt>();
  #isClosing = false;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Executes an attempt. One that comes while the runner closes is killed. */
  start(attempt: Startable): Attempt {
    if (this.#isClosing) attempt.stop("kill");
    const release = () => {
      this.#attempts.delete(started);
      attempt.release();
    };
    const started: Attempt = { result: attempt.execute(), stop: (how) => attempt.stop(how), release };
    this.#attempts.add(started);
    void started.result.then(() => this.#attempts.delete(started));
    return started;
  }

  /** Stops every attempt. */
  stopAll(how: "interrupt" | "kill"): void {
    for (const attempt of this.#attempts) attempt.stop(how);
  }

  /** Returns the attempts that the runner has to end before it is closed. */
  beginClosing(): Attempt[] {
    this.#isClosing = true;
    return [...this.#attempts];
  }
}
