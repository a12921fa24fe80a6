import { recordHealing } from "../../compose/heal/record-healing.ts";
import type { KeptPlan } from "../../compose/kept-plan/keep-plan.ts";
import { findResumable, NotResumableError, readResumable } from "../../compose/resume/find-resumable.ts";
import { resumeSession } from "../../compose/resume/resume-session.ts";
import { openWorkspace, type Workspace } from "../../compose/workspace.ts";
import type { Reporter } from "../../core/reporter.ts";
import type { SessionRecord } from "../../core/run.ts";
import { closeScript } from "../close-script.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOf } from "../find/find-session.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { exitCodeOf, type OutputFlags, openReporters, writeEnding } from "../session-output.ts";
import { writeJson, writeLines } from "../terminal.ts";
import { type Stops, watchSignals } from "../watch-signals.ts";
import { writeWarnings } from "../write-warnings.ts";

export interface ResumeFlags extends OutputFlags, RegistryFlag {
  kill?: boolean;
  afresh?: boolean;
}

/** `runweave resume [SESSION]`. */
export async function resumeUnfinished(id: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const stops = watchSignals();
  try {
    const found = findLeft(id, flags);
    if ("message" in found) return tellNothing(found.message, flags);
    if ("closable" in found) return await closeScript(found.closable, { ...flags, stops });
    return await resumeKept(found.kept, flags, stops);
  } catch (error) {
    // Another process finished it while this one was about to.
    if (error instanceof NotResumableError && error.code === "session-succeeded")
      return tellNothing(error.message, flags);
    throw error;
  } finally {
    stops.close();
  }
}

function tellNothing(why: string, flags: ResumeFlags): ExitCode {
  const message = `nothing to resume: ${why}`;
  if (flags.json) writeJson({ type: "nothing-to-resume", message });
  else writeLines(process.stdout, [message]);
  return 0;
}

async function resumeKept(kept: KeptPlan, flags: ResumeFlags, stops: Stops): Promise<ExitCode> {
  const workspace = openWorkspace({ registry: flags.registry, from: process.cwd(), store: kept.store });
  writeWarnings(workspace.warnings);
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
    if (!flags.json) writeEnding(result, workspace);
    return exitCodeOf(result, stops);
  } finally {
    await workspace.close();
  }
}

/** A session that heals another one goes on to record what it heals. */
function healingOf({ session_id }: KeptPlan, workspace: Workspace): Reporter[] {
  const { registry } = workspace;
  const origin = registry.findSessionHead(session_id)?.replay_of ?? null;
  const healed = origin?.heals === true ? registry.findSession(origin.session_id) : null;
  return healed === null ? [] : [recordHealing(workspace, healed)];
}

/** A plan to go on with; else a session without one, whose record can be closed; else why nothing is left to do, which is no fault. */
type Left = { kept: KeptPlan } | { closable: SessionRecord } | { message: string };

function findLeft(id: string | undefined, flags: ResumeFlags): Left {
  return readRegistry(flags, (reader, folders) => {
    const search = { folders, nowMs: Date.now(), environment: process.env };
    if (id === undefined) {
      const found = findResumable(reader, search);
      return typeof found === "string" ? { message: found } : { kept: found };
    }
    const { session } = findSessionOf(reader, id);
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
