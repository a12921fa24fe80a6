import { PhaseClock } from "../core/phase-clock.ts";
import { renderTimings } from "../report/result/timings.ts";
import { withStops } from "./context.ts";
import type { ExitCode } from "./errors.ts";
import { lookOf, writeLines } from "./terminal.ts";
import type { Stops } from "./watch-signals.ts";
import { writeAnswer } from "./write-answer.ts";

export interface TimingFlags {
  json?: boolean;
  timings?: boolean;
}

/** A command under way. */
export interface TimedCommand {
  stops: Stops;
  phases: PhaseClock;
}

/** Does a command that signals can stop. With `--timings`, writes last how long each phase took since this process started. */
export async function timeCommand(
  { json = false, timings = false }: TimingFlags,
  command: (led: TimedCommand) => Promise<ExitCode>,
): Promise<ExitCode> {
  const clock = new PhaseClock();
  clock.enter("read");
  const exitCode = await withStops((stops) => command({ stops, phases: clock }));
  if (!timings) return exitCode;
  const phases = clock.read().map(({ phase, duration_ms }) => ({ phase, duration_ms: Math.round(duration_ms) }));
  if (json) writeAnswer("timings", { total_ms: phases.reduce((sum, { duration_ms }) => sum + duration_ms, 0), phases });
  else writeLines(process.stdout, ["", ...renderTimings(phases, lookOf(process.stdout))]);
  return exitCode;
}
