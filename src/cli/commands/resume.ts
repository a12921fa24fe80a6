import { recordHealing } from "../../compose/heal/record-healing.ts";
import type { KeptPlan } from "../../compose/kept-plan/keep-plan.ts";
import { tellCodeOfRest } from "../../compose/replay/tell-changes.ts";
import { findResumable, NotResumableError, readResumable } from "../../compose/resume/find-resumable.ts";
import { resumeSession } from "../../compose/resume/resume-session.ts";
import type { Workspace } from "../../compose/workspace.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { NamedRun } from "../../core/port/name-questions.ts";
import type { SessionSummary } from "../../core/port/registry-lists.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import type { SessionRecord } from "../../core/run.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { closeScript } from "../close-script.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOf } from "../find/find-and-tell.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { openActing } from "../open-workspace.ts";
import { exitCodeOf, type OutputFlags, openReporters, writeEnding } from "../session-output.ts";
import { writeLines } from "../terminal.ts";
import { type TimingFlags, timeCommand } from "../time-command.ts";
import { type Stops, watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";
import { writeWarnings } from "../write-warnings.ts";

const SESSIONS_SHOWN = 5;

export interface ResumeFlags extends OutputFlags, RegistryFlag, TimingFlags {
  kill?: boolean;
  afresh?: boolean;
}

/** `runweave resume [SESSION]`. */
export async function resumeUnfinished(id: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  return await timeCommand(flags, (phases) => resumeTimed(id, flags, phases));
}

async function resumeTimed(id: string | undefined, flags: ResumeFlags, phases: PhaseClock): Promise<ExitCode> {
  const stops = watchSignals();
  try {
    const found = findLeft(id, flags);
    if ("message" in found) return tellNothing(found, flags);
    if ("closable" in found) return await closeScript(found.closable, { ...flags, stops, phases });
    return await resumeKept(found.kept, flags, { stops, phases });
  } catch (error) {
    // Another process finished it while this one was about to.
    if (error instanceof NotResumableError && error.code === "session-succeeded")
      return tellNothing({ message: error.message }, flags);
    throw error;
  } finally {
    stops.close();
  }
}

/** Names the sessions that could be resumed, each with the command that does it. */
function tellNothing({ message: why, sessions = [] }: Nothing, flags: ResumeFlags): ExitCode {
  const message = `nothing to resume: ${why}`;
  if (flags.json) {
    writeAnswer("nothing-to-resume", { message, sessions });
    return 0;
  }
  const shown = sessions.slice(0, SESSIONS_SHOWN).map(tellResumable);
  const more = sessions.length - shown.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const head = shown.length === 0 ? [] : ["", "these did not succeed and can be resumed by name:"];
  writeLines(process.stdout, [message, ...head, ...shown, ...rest]);
  return 0;
}

function tellResumable({ session_id, workflow, status, start_time, run_counts }: SessionSummary): string {
  const all = Object.values(run_counts).reduce((sum, count) => sum + count, 0);
  const left = all - (run_counts.success ?? 0) - (run_counts.reused ?? 0);
  const what = `${workflow}, ${status}, ${left} of ${all} runs left, started ${formatLocalTime(start_time)}`;
  return cleanText(`  runweave resume ${session_id}  ${what}`);
}

async function resumeKept(
  kept: KeptPlan,
  flags: ResumeFlags,
  { stops, phases }: { stops: Stops; phases: PhaseClock },
): Promise<ExitCode> {
  phases.enter("open");
  const workspace = openActing({ registry: flags.registry, from: process.cwd(), store: kept.store, phases });
  await warnOfCode(kept, workspace);
  const shown = { plan: kept.plan, maxParallel: kept.max_parallel, stops, workspace };
  const { reporters, close } = openReporters(flags, shown);
  const { interrupt, kill } = stops;
  const told = [...healingOf(kept, workspace), ...reporters];
  const about = { workspace, kept, reporters: told, interrupt, kill, commandLine: process.argv.slice(2) };
  try {
    const result = await resumeSession({
      ...about,
      endsLive: flags.kill ?? false,
      afresh: flags.afresh ?? false,
    }).finally(close);
    if (!flags.json) writeEnding(result, workspace, phases.totalMs());
    return exitCodeOf(result, stops);
  } finally {
    await workspace.close();
  }
}

/** Said before anything starts, so that there is still time to interrupt it. */
async function warnOfCode(kept: KeptPlan, { registry, folders }: Workspace): Promise<void> {
  const session = registry.findSession(kept.session_id);
  if (session !== null) writeWarnings(await tellCodeOfRest({ session, kept }, folders.root));
}

/** A session that heals another one goes on to record what it heals. */
function healingOf({ session_id }: KeptPlan, workspace: Workspace): Reporter[] {
  const { registry } = workspace;
  const origin = registry.findSessionHead(session_id)?.replay_of ?? null;
  const healed = origin?.heals === true ? registry.findSession(origin.session_id) : null;
  return healed === null ? [] : [recordHealing(workspace, healed)];
}

/** A plan to go on with; else a session without one, whose record can be closed; else why nothing is left to do, which is no fault. */
type Left = { kept: KeptPlan } | { closable: SessionRecord } | Nothing;

interface Nothing {
  message: string;
  sessions?: readonly SessionSummary[];
}

function findLeft(id: string | undefined, flags: ResumeFlags): Left {
  return readRegistry(flags, (reader, folders) => {
    const search = { folders, nowMs: Date.now(), environment: process.env };
    if (id === undefined) {
      const found = findResumable(reader, search);
      return "sessions" in found ? found : { kept: found };
    }
    // The name of a run is of a session that has something left to do, if there is one.
    const lacks = ({ session_id }: NamedRun) =>
      reader.findSessionHead(session_id)?.status === "success" ? "is of a session that succeeded" : null;
    const { session } = findSessionOf(reader, id, { lacks });
    try {
      return { kept: readResumable(reader, session, search) };
    } catch (error) {
      if (!(error instanceof NotResumableError)) throw error;
      if (error.code === "session-closable") return { closable: session };
      if (error.code === "session-succeeded") return { message: error.message };
      throw error;
    }
  });
}
