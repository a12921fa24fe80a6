import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Problem } from "../../core/error/problem.ts";
import type { SessionRecord } from "../../core/run.ts";
import { captureCode, pickCapture } from "../capture/capture-origin.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { listChangedVariables } from "../kept-plan/kept-variables.ts";
import { listChangedProjects } from "../prepare/watch-sources.ts";
import { describeVariables, formatDrift, warnOfProject } from "./describe-drift.ts";
import { folderOf } from "./probe-again.ts";

/** Returns the folder with the code of a session: its project's, else its workflow file's. */
export function codeFolder(session: SessionRecord, kept: KeptPlan): string {
  return session.project_path ?? folderOf(kept.plan);
}

/** Warns of differences in code and variables from the session's own. Leaves no trace. */
export async function formatChanges(
  { session, kept }: { session: SessionRecord; kept: KeptPlan },
  { source, environment }: { source: { path: string }; environment: Readonly<Record<string, string | undefined>> },
): Promise<Problem[]> {
  const stateFolder = dirname(source.path);
  const drift = await describeCodeChanges({ session, kept }, stateFolder);
  const changed = listChangedVariables(kept.variables, { environment, stateFolder });
  return [...drift, ...describeVariables(changed)];
}

/** Warns of code that differs from that of the session. Without git, Kedro projects are compared with the plan. */
export async function describeCodeOfRest(
  { session, kept }: { session: SessionRecord; kept: KeptPlan },
  stateFolder: string,
): Promise<Problem[]> {
  const drift = await describeCodeChanges({ session, kept }, stateFolder);
  const known = drift.filter(({ code }) => code !== "code-unknown");
  if (drift.length === known.length) return known;
  return listChangedProjects(kept.plan).map(warnOfProject);
}

async function describeCodeChanges(
  { session, kept }: { session: SessionRecord; kept: KeptPlan },
  stateFolder: string,
): Promise<Problem[]> {
  const scratch = mkdtempSync(join(tmpdir(), "runweave-patch-"));
  try {
    const folder = codeFolder(session, kept);
    const code = await captureCode(folder, { root: scratch, ...pickCapture(kept.plan) });
    return await formatDrift(session, code, { folder, kept, stateFolder });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
