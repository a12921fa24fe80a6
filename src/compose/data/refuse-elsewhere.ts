import { dirname, sep } from "node:path";
import { isAtOrBelow } from "../../core/place.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionOrigin, VersionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { Plan } from "../../plan/plan.ts";
import { resolveExisting, UnsafePathError } from "../../versions/layout.ts";
import { isRemotePlace } from "../../versions/remote-places.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import type { StateLocation } from "../locate-state.ts";

/** Beginning of versions of Kedro, and of run_ids. */
const VERSION = /^\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z/;

interface Recorded {
  version: VersionRecord;
  session_id: SessionId;
}

/**
 * Throws UnsafePathError if a record puts a version where no run of its session can have saved it, symlinks followed: not below
 * the state folder, its store, the project or the workflow file's folder, not in a folder of the version's own, and not where
 * the plan of the session writes.
 */
export function refuseElsewhere(
  { version, session_id }: Recorded,
  { reader, state }: { reader: RegistryReader; state: StateLocation },
): void {
  const { location } = version;
  if (isRemotePlace(location)) return;
  const place = resolveExisting(location);
  // Kedro keeps a version in a folder of that name, as runweave does.
  if (VERSION.test(version.version) && place.split(sep).includes(version.version)) return;
  const roots = listRoots(session_id, { reader, state });
  if (roots.some((root) => isAtOrBelow(place, resolveExisting(root)))) return;
  throw new UnsafePathError(
    `the registry has ${location} as the place of a version, where no run of its session writes`,
  );
}

function listRoots(
  session_id: SessionId,
  { reader, state }: { reader: RegistryReader; state: StateLocation },
): string[] {
  const { project_path = null, workflow_file = null, origin = null } = reader.findSessionHead(session_id) ?? {};
  const kept = readPlanIfAny(state, { session_id, origin });
  const folders = [state.root, state.store, kept?.store ?? null, project_path];
  const own = [...folders, workflow_file === null ? null : dirname(workflow_file)];
  return [...own.filter((root) => root !== null && !isRemotePlace(root)), ...listPlaces(kept?.plan)] as string[];
}

function listPlaces(plan: Plan | undefined): string[] {
  const captured = (plan?.runs ?? []).flatMap(({ task }) =>
    task.kind === "command" ? Object.values(task.outputs).flatMap(({ path }) => path ?? []) : [],
  );
  return [...(plan?.written ?? []), ...captured];
}

/** A session that was started before there were plans has none, and some are unusable. */
function readPlanIfAny(state: StateLocation, session: { session_id: SessionId; origin: SessionOrigin | null }) {
  try {
    return readKeptPlan(state, session);
  } catch {
    return null;
  }
}
