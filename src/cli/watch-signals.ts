import { exitProcess, INTERRUPTED, isIgnored, STOP_SIGNALS } from "./end-on-signals.ts";

/** Requests of the user, or the system, to stop. */
export interface Stops {
  /** Asked once: stop gracefully. */
  interrupt: AbortSignal;
  /** Asked again: end at once. */
  kill: AbortSignal;
  close(): void;
}

/** Turns the first SIGINT, SIGTERM or SIGHUP into `interrupt`, the next into `kill`. Under nohup, SIGHUP is ignored. */
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
        // A further signal must not kill a process that is already ending: its exit code would be lost.
        if (interrupt.signal.aborted) process.on(signal, () => exitProcess(INTERRUPTED.exitCode));
      }
    },
  };
}
