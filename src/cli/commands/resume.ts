import { recordHealing } from "../../compose/heal/record-healing.ts";
import type { KeptPlan } from "../../compose/kept-plan/keep-plan.ts";
import { findResumable, NotResumableError, readResumable } from "../../compose/resume/find-resumable.ts";
import { resumeSession } from "../../compose/resume/resume-session.ts";
import { openWorkspace, type Workspace } from "../../compose/workspace.ts";
import type { Reporter } from "../../core/reporter.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOf } from "../find-session.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { exitCodeOf, type OutputFlags, openReporters, writeEnding } from "../session-output.ts";
import { writeJson, writeLines } from "../terminal.ts";
import { watchSignals } from "../watch-signals.ts";
import { writeWarnings } from "../write-warnings.ts";

export interface ResumeFlags extends OutputFlags, RegistryFlag {
  kill?: boolean;
  afresh?: boolean;
}

/** `runweave resume [SESSION]`. */
export async function resumeUnfinished(id: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const stops = watchSignals();
  const kept = findKept(id, flags);
  if (typeof kept === "string") {
    const message = `nothing to resume: ${kept}`;
    if (flags.json) writeJson({ type: "nothing-to-resume", message });
    else writeLines(process.stdout, [message]);
    return 0;
  }
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
    stops.close();
  }
}

/** A session that heals another one goes on to record what it heals. */
function healingOf({ session_id }: KeptPlan, workspace: Workspace): Reporter[] {
  const { registry } = workspace;
  const origin = registry.findSessionHead(session_id)?.replay_of ?? null;
  const healed = origin?.heals === true ? registry.findSession(origin.session_id) : null;
  return healed === null ? [] : [recordHealing(workspace, healed)];
}

/** Or why nothing is left to do, which is no fault. */
function findKept(id: string | undefined, flags: ResumeFlags): KeptPlan | string {
  return readRegistry(flags, (reader, folders) => {
    const search = { folders, nowMs: Date.now(), environment: process.env };
    if (id === undefined) return findResumable(reader, search);
    return readUnlessDone(reader, findSessionOf(reader, id).session, search);
  });
}

function readUnlessDone(...asked: Parameters<typeof readResumable>): KeptPlan | string {
  try {
    return readResumable(...asked);
  } catch (error) {
    if (error instanceof NotResumableError && error.code === "session-succeeded") return error.message;
    throw error;
  }
}
