import { exitProcess, INTERRUPTED, isIgnored, STOP_SIGNALS } from "./end-on-signals.ts";

/** What the user, or the system, asks of the process. */
export interface Stops {
  /** Asked once: stop gracefully. */
  interrupt: AbortSignal;
  /** Asked again: end at once. */
  kill: AbortSignal;
  close(): void;
}

/** Turns the first SIGINT, SIGTERM or SIGHUP into `interrupt`, the next into `kill`. Under nohup, SIGHUP means nothing. */
export function watchSignals(): Stops {
  const [interrupt, kill] = [new AbortController(), new AbortController()];
  const onSignal = (signal: NodeJS.Signals) => {
    if (isIgnored(signal)) return;
    (interrupt.signal.aborted ? kill : interrupt).abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return {
    interrupt: interrupt.signal,
    kill: kill.signal,
    close: () => {
      for (const signal of STOP_SIGNALS) {
        process.off(signal, onSignal);
        // What is on its way out anyway doesn't die of a further one, which would hide how it ended.
        if (interrupt.signal.aborted) process.on(signal, () => exitProcess(INTERRUPTED.exitCode));
      }
    },
  };
}
