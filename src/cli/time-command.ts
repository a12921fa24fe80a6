import { PhaseClock } from "../core/phase-clock.ts";
import { renderTimings } from "../report/result/timings.ts";
import type { ExitCode } from "./errors.ts";
import { lookOf, writeLines } from "./terminal.ts";
import { writeAnswer } from "./write-answer.ts";

export interface TimingFlags {
  json?: boolean;
  timings?: boolean;
}

/** Does a command and, with `--timings`, tells last of all where the time went since this process started. */
export async function timeCommand(
  { json = false, timings = false }: TimingFlags,
  command: (phases: PhaseClock) => Promise<ExitCode>,
): Promise<ExitCode> {
  const clock = new PhaseClock();
  clock.enter("read");
  const exitCode = await command(clock);
  if (!timings) return exitCode;
  const phases = clock.read().map(({ phase, duration_ms }) => ({ phase, duration_ms: Math.round(duration_ms) }));
  if (json) writeAnswer("timings", { total_ms: phases.reduce((sum, { duration_ms }) => sum + duration_ms, 0), phases });
  else writeLines(process.stdout, ["", ...renderTimings(phases, lookOf(process.stdout))]);
  return exitCode;
}
