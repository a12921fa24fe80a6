import { type Command, Option } from "commander";
import { type ResumeRequest, type Resumption, resumeUnfinished } from "../../../compose/actions/resume-unfinished.ts";
import type { SessionSummary } from "../../../core/port/registry-lists.ts";
import { formatLocalTime } from "../../../core/text/local-time.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import type { RegistryFlag } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, keepWorker, registry, SESSION_OR_RUN, timings, yes } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import type { KeepFlags } from "../../keep-workers.ts";
import { exitCodeOf, type OutputFlags, toSessionContext, writeEnding } from "../../session-output.ts";
import { writeLines } from "../../terminal.ts";
import { type TimingFlags, timeCommand } from "../../time-command.ts";
import { writeAnswer } from "../../write-answer.ts";

const HELP = `
The session goes on with the plan that it was started with, not with the
workflow file as it is now.

- Runs that succeeded are kept, if what they saved is still there.
- Runs that still go on, because only runweave was killed, are followed to their
  end.
- Every other run gets a new attempt.

A new attempt of a Kedro run continues at the node where the last one stopped.
Finished nodes are kept if their code, parameters and data are the same, and
what they saved is still there.

The session of a TypeScript script is only closed, and what still runs of it is
ended: start the script again.
${formatExamples(
  ["runweave resume", "the newest session that is unfinished"],
  ["runweave resume 0000d783fb92", "that session"],
)}`;

/** Declares `resume`. */
export function declareResume(command: Command, done: Done): void {
  command
    .description("finish a session whose process was killed, or that failed or was cancelled")
    .argument("[session]", `${SESSION_OR_RUN} (default: the newest session that is unfinished)`)
    .option("--kill", "kill what still runs of it, instead of waiting for it")
    .option("--afresh", "start new attempts from the beginning, not at the node where the last one stopped")
    .option("-v, --verbose", "print a line for each node")
    .addOption(keepWorker())
    .addOption(timings())
    .addOption(new Option("--json", "print one event per line; the last is session.finished"))
    .addOption(yes())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await resumeByCommand(id, flags)));
}

const SESSIONS_SHOWN = 5;

export interface ResumeFlags
  extends OutputFlags,
    TimingFlags,
    RegistryFlag,
    KeepFlags,
    Omit<ResumeRequest, "session"> {}

/** `runweave resume [SESSION]`. */
export async function resumeByCommand(id: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const { registry, kill, afresh } = flags;
  return await timeCommand(flags, async ({ stops, phases }) => {
    const context = toSessionContext(flags, stops, phases);
    const found = await resumeUnfinished({ registry }, { session: id, kill, afresh }, context);
    if (found.kind === "nothing") return formatNothing(found, flags);
    const { ended } = found;
    if (!flags.json) writeEnding(ended, phases.totalMs());
    if (!flags.json && found.kind === "closed") writeLines(process.stdout, ["", describeClosed(ended.record)]);
    return exitCodeOf(ended, stops);
  });
}

function describeClosed({ command_line }: { command_line: readonly string[] }): string {
  const command = command_line.length === 0 ? "" : `: ${cleanText(command_line.join(" "))}`;
  return `the session is closed; to do the rest, start the script again${command}`;
}

/** Names the sessions that could be resumed, each with the command that does it. */
function formatNothing(
  { message: why, sessions }: Extract<Resumption, { kind: "nothing" }>,
  { json }: ResumeFlags,
): ExitCode {
  const message = `nothing to resume: ${why}`;
  if (json) {
    writeAnswer("nothing-to-resume", { message, sessions });
    return 0;
  }
  const shown = sessions.slice(0, SESSIONS_SHOWN).map(describeResumable);
  const more = sessions.length - shown.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const head = shown.length === 0 ? [] : ["", "these did not succeed and can be resumed by name:"];
  writeLines(process.stdout, [message, ...head, ...shown, ...rest]);
  return 0;
}

function describeResumable({ session_id, workflow, status, start_time, run_counts }: SessionSummary): string {
  const all = Object.values(run_counts).reduce((sum, count) => sum + count, 0);
  const left = all - (run_counts.success ?? 0) - (run_counts.reused ?? 0);
  const what = `${workflow}, ${status}, ${left} of ${all} runs left, started ${formatLocalTime(start_time)}`;
  return cleanText(`  runweave resume ${session_id}  ${what}`);
}
