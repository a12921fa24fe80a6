import { setImmediate as comeToRest } from "node:timers/promises";
import { outlivesTerminal } from "./outlives-terminal.ts";

/** Signals that ask a process to end. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Error of a command that was asked to end before it was done. */
export const INTERRUPTED = {
  code: "interrupted",
  message: "interrupted",
  hint: null,
  problems: [],
  exitCode: 130,
} as const;

/** Ends the process: the only place that does. */
export function exitProcess(code: number): never {
  process.exit(code);
}

/** Makes signals end this process with the interrupted error, unless a command watches for signals itself. Without one, no work is under way. */
export function endOnSignals({ json }: { json: boolean }): void {
  let isEnding = false;
  const end = async (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1 || isIgnored(signal)) return;
    if (isEnding) exitProcess(INTERRUPTED.exitCode);
    isEnding = true;
    // Imported only here, as every command reads this file before its own.
    const { reportError } = await import("./report-error.ts");
    reportError(INTERRUPTED, json);
    exitProcess(INTERRUPTED.exitCode);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, end);
}

/** Waits until the handlers of signals that have arrived are called. That takes two turns of the event loop: this one may have polled before. */
export async function hearSignals(): Promise<void> {
  await comeToRest();
  await comeToRest();
}

/** True under nohup, where a terminal that goes away has no effect. */
export function isIgnored(signal: NodeJS.Signals): boolean {
  return signal === "SIGHUP" && outlivesTerminal();
}
