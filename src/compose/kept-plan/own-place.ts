import { realpathSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { VersionRecord } from "../../core/run.ts";
import { isRunId, type RunId } from "../../core/run-id.ts";
import { isWithin, resolveExisting } from "../../versions/layout.ts";
import { isBelowVersion, isPlainPath } from "../../versions/version-place.ts";
import { KeptPlanError } from "./keep-plan.ts";
import { readLoggedOrigin } from "./logged-origin.ts";
import { readKeptPlan } from "./read-kept-plan.ts";

export interface PlaceContext {
  registry: RegistryReader;
  folders: StateFolders;
}

/**
 * Finds the reason why versions of an attempt must not be read where they are recorded: each lies below its own id, wherever its store is, or stays at the
 * very place that the writer's plan has for it. No link leads out of there. Else a record could name any file of the user, which a run would
 * read and a publication copy. Null if there is none.
 */
export function findStrangePlace(
  outputs: Readonly<Record<string, VersionRecord>>,
  writer: RunId,
  context: PlaceContext,
): string | null {
  const strange = Object.entries(outputs).filter(([, version]) => !isOwnPlace(version, writer));
  if (strange.length === 0) return null;
  const maySave = listPlaces(writer, context);
  const [first] = strange.filter(([, { location }]) => !maySave(location));
  if (first === undefined) return null;
  const [dataset, { location }] = first;
  return `"${dataset}" of run ${writer} is recorded at ${location}, which is neither below its own id nor its place in the plan`;
}

/** An adopted version has the name that Kedro gave it, which its run_id begins with. */
function isOwnPlace({ location, version }: VersionRecord, writer: RunId): boolean {
  if (!isAbsolute(location)) return true;
  const isId = isRunId(version) || (version.length >= MIN_VERSION && writer.startsWith(`${version}-`));
  return isId && isTrue(() => isBelowVersion(location, version));
}

/** Characters of the times by which Kedro names versions: `2026-11-29T22.05.54.666Z`. */
const MIN_VERSION = 24;

/** Tells of places outside of versions whether a run may have saved there: by its plan, or, of a script, in the state folder's project. */
function listPlaces(writer: RunId, { registry, folders }: PlaceContext): (location: string) => boolean {
  const [head] = registry.findHeads([writer]);
  if (head === undefined) return () => false;
  const { run, session_id } = head;
  try {
    const origin = readLoggedOrigin(registry, session_id);
    if (origin?.plan === undefined) {
      const project = realpathSync(dirname(folders.root));
      return (location) => isTrue(() => isPlainPath(location) && isWithin(resolveExisting(location), project));
    }
    const { plan } = readKeptPlan(folders, { session_id, origin });
    const saves = Object.values(plan.runs.find((planned) => planned.run === run)?.saves ?? {});
    const places = saves.flatMap(({ stays, plain_location }) =>
      stays && plain_location !== null ? [plain_location] : [],
    );
    const now = new Set(places.map((place) => registry.placeNow(place, session_id)));
    return (location) => now.has(location);
  } catch (error) {
    if (error instanceof KeptPlanError) return () => false;
    throw error;
  }
}

/** Returns false for links in a circle. */
function isTrue(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
