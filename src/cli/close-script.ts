import { closeSession } from "../compose/resume/close-session.ts";
import type { PhaseClock } from "../core/phase-clock.ts";
import type { SessionRecord } from "../core/run.ts";
import { cleanText } from "../report/text/clean-text.ts";
import type { ExitCode } from "./errors.ts";
import type { RegistryFlag } from "./open-registry.ts";
import { openActing } from "./open-workspace.ts";
import { exitCodeOf, type OutputFlags, openReporters, writeEnding } from "./session-output.ts";
import { writeLines } from "./terminal.ts";
import type { Stops } from "./watch-signals.ts";

/** Closes the record of a session whose script was cut off, and says how the rest is done. */
export async function closeScript(
  { session_id: sessionId, command_line }: SessionRecord,
  { stops, phases, ...flags }: OutputFlags & RegistryFlag & { stops: Stops; phases: PhaseClock },
): Promise<ExitCode> {
  phases.enter("open");
  const workspace = openActing({ registry: flags.registry, from: process.cwd(), phases });
  const { reporters, close } = openReporters(flags, { plan: { runs: [] }, maxParallel: 1, stops, workspace });
  const about = { reason: "its script was cut off", commandLine: process.argv.slice(2) };
  try {
    const result = await closeSession({ ...about, workspace, sessionId, reporters }).finally(close);
    if (!flags.json) {
      writeEnding(result, workspace, phases.totalMs());
      writeLines(process.stdout, [
        "",
        `the session is closed; to do the rest, start the script again${tell(command_line)}`,
      ]);
    }
    return exitCodeOf(result, stops);
  } finally {
    await workspace.close();
  }
}

function tell(commandLine: readonly string[]): string {
  return commandLine.length === 0 ? "" : `: ${cleanText(commandLine.join(" "))}`;
}
