import { isAbsolute } from "node:path";
import type { SharedPlace } from "../../../core/place.ts";
import type { ResolvedRun } from "../../../core/port/runner.ts";
import { listInputs } from "../../../core/select-reads.ts";
import { resolveExisting } from "../../../versions/layout.ts";

/** Lists plain paths to hold: those that a run reads must not be written meanwhile, nor those that it writes be read. */
export function listHeldPlaces(run: Pick<ResolvedRun, "reads" | "places">): SharedPlace[] {
  const consumed = listInputs(run)
    .filter(([, { version }]) => version.location === version.plain_location && isAbsolute(version.location))
    .map(([, { version }]): SharedPlace => ({ path: resolveExisting(version.location), suffix: null, access: "read" }));
  return [...run.places, ...consumed];
}
