import { type Problem, problemAt } from "../../core/error/problem.ts";
import type { RestoredRun } from "../../core/trash.ts";
import { PlaceTakenError } from "../../versions/move-path.ts";
import { TrashFaultError } from "../../versions/trash/trash-manifest.ts";
import { type Consenting, confirmStorage } from "../trash/confirm-storage.ts";
import { openRemoteStorage } from "../trash/open-remote-storage.ts";
import { NotRestorableError, restoreEntry, type TrashContext } from "../trash/restore-trash.ts";
import type { Workspace } from "../workspace.ts";

/** Brings data back that were collected. Problems: those of `trash restore`, of what stays in the trash. */
export async function restoreCollected(
  { folders, registry, clock, projects }: Workspace,
  collected: readonly RestoredRun[],
  told: Pick<TrashContext, "onWait" | "onUnfreed"> & Consenting,
): Promise<Problem[]> {
  const confirm = confirmStorage({ registry, folders, context: told });
  const remote = openRemoteStorage({ registry, folders, confirm }, projects);
  const context = { ...told, folders, registry, clock, remote };
  const problems: Problem[] = [];
  for (const { entry } of collected) {
    try {
      await restoreEntry(context, entry);
    } catch (error) {
      problems.push(toProblem(error));
    }
  }
  return problems;
}

function toProblem(error: unknown): Problem {
  if (error instanceof NotRestorableError) return problemAt(null, error.code, error.message, error.hint);
  if (error instanceof TrashFaultError) return problemAt(null, "trash-fault", error.message);
  if (error instanceof PlaceTakenError) return problemAt(null, "trash-taken", `${error.message} now`);
  throw error;
}
