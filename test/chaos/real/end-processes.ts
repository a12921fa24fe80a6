/** Sends a signal to a process; one that has ended meanwhile is as good. */
export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Kills processes told as `PID COMMAND LINE`. */
export function endProcesses(lines: readonly string[]): void {
  for (const line of lines) signalPid(Number(line.split(" ")[0]), "SIGKILL");
}
