import { captureCode } from "../compose/capture/capture-origin.ts";
import { prepareHealing } from "../compose/heal/prepare-healing.ts";
import { findHealable } from "../compose/heal/propose-healing.ts";
import { recordHealing } from "../compose/heal/record-healing.ts";
import { codeFolder } from "../compose/replay/tell-changes.ts";
import { runSession } from "../compose/session/run-session.ts";
import { defaultParallelism } from "../compose/workspace.ts";
import { type SessionHealed, UPSTREAM_NOT_HEALED } from "../core/answer/healing.ts";
import type { Problem } from "../core/error/problem.ts";
import type { Registry } from "../core/port/registry.ts";
import type { StateFolders } from "../core/port/runner.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { Wound } from "../explain/heal/wounds.ts";
import { interruptedError } from "./errors.ts";
import type { RegistryFlag } from "./open-registry.ts";
import { openActing } from "./open-workspace.ts";
import { restoreCollected } from "./restore-collected.ts";
import { type OutputFlags, openReporters, writeEnding } from "./session-output.ts";
import { writeProblems } from "./terminal.ts";
import { orInterrupted, type Stops } from "./watch-signals.ts";

export interface SessionHealing {
  registry: Registry;
  folders: StateFolders;
  /** What is still to be healed. */
  wounds: ReadonlyMap<RunId, Wound>;
  flags: OutputFlags & RegistryFlag & { maxParallel?: number };
  stops: Stops;
  /** Messages that need not be shown again. */
  told: ReadonlySet<string>;
}

/** Heals one session by one that replays it, and records what that replaces as it goes. */
export async function healSession(
  id: SessionId,
  { registry, folders, wounds, flags, stops, told }: SessionHealing,
): Promise<SessionHealed> {
  const tell = (problems: readonly Problem[]) => {
    if (!flags.json) writeProblems(process.stderr, [...new Set(problems.filter(({ message }) => !told.has(message)))]);
  };
  const refused = (problems: Problem[]): SessionHealed => {
    tell(problems);
    const waits = problems.every(({ code }) => code === "not-healed");
    return { session_id: id, healed_by: null, status: waits ? "waiting" : "refused", unhealed: [], problems };
  };
  const found = findHealable(id, { registry, folders, nowMs: Date.now() });
  if (!found.ok) return refused(found.problems);
  const { session, kept } = found.value;
  const workspace = openActing({ registry: flags.registry, from: process.cwd(), store: kept.store });
  try {
    const tools = { registry: workspace.registry, source: workspace.earlier, probe: workspace.probe };
    const about = { ...tools, session, kept, wounds, environment: process.env, isPending: () => false };
    const prepare = async () => await orInterrupted(prepareHealing(about), stops.interrupt, interruptedError);
    let prepared = await prepare();
    while (prepared.ok && prepared.value.restores.length > 0) {
      const lost = await restoreCollected(workspace, prepared.value.restores);
      if (lost.length > 0) return refused(lost);
      prepared = await prepare();
    }
    if (!prepared.ok) return refused(prepared.problems);
    const { plan, origin: replayOf, unhealed } = prepared.value;
    tell(unhealed.flatMap(({ problems }) => problems.filter(({ code }) => code !== UPSTREAM_NOT_HEALED)));
    const maxParallel = flags.maxParallel ?? plan.maxParallel ?? defaultParallelism();
    const { reporters, close } = openReporters(flags, { plan, maxParallel, stops, workspace });
    const code = captureCode(codeFolder(session, kept), {
      root: workspace.folders.root,
      written: plan.written,
    });
    const { interrupt, kill } = stops;
    const result = await runSession({
      ...{ workspace, plan, code, maxParallel, interrupt, kill, replayOf },
      // What is healed is on record before anybody is told that the run has ended.
      reporters: [recordHealing(workspace, session), ...reporters],
      commandLine: process.argv.slice(2),
    }).finally(close);
    if (!flags.json) writeEnding(result, workspace);
    const { session_id: healed_by, status } = result.record;
    const came = status !== "success" ? "failed" : unhealed.length > 0 ? "partial" : "healed";
    return { session_id: id, healed_by, status: came, unhealed, problems: [] };
  } finally {
    await workspace.close();
  }
}
