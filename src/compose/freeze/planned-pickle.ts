import { dirname } from "node:path";
import { OWN_PICKLE } from "../../core/catalog-classes.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { GivenData } from "../../core/read.ts";
import type { RunRecord } from "../../core/run.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { RecordsDifferError } from "../consent/check-session-log.ts";
import { isOwnSession } from "../consent/own-session.ts";
import { KeptPlanError } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { inFolder } from "../locate-state.ts";

interface Registered {
  registry: RegistryReader;
  /** The registry's file. */
  path: string;
}

/**
 * True if a version is our own pickle, and its writer's plan, as the log has it, says so: a declared output in no catalog. The run of a script
 * has no plan: then the log has to bear this user's mark.
 */
export function isPlannedPickle(
  { version, from_dataset }: GivenData,
  { session_id, run }: RunRecord,
  { registry, path }: Registered,
): boolean {
  if (version.entry?.config.type !== OWN_PICKLE) return false;
  const folders = { ...inFolder(dirname(path)), registry: path };
  try {
    const origin = readLoggedOrigin(registry, session_id);
    if (origin?.plan === undefined) return isOwnSession(session_id, { folders, environment: process.env });
    const planned = readKeptPlan(folders, { session_id, origin }).plan.runs.find((each) => each.run === run);
    return planned !== undefined && isInNoCatalog(planned, from_dataset);
  } catch (error) {
    if (error instanceof KeptPlanError || error instanceof RecordsDifferError) return false;
    throw error;
  }
}

function isInNoCatalog({ saves = {} }: PlannedRun, dataset: string): boolean {
  const planned = Object.hasOwn(saves, dataset) ? saves[dataset] : undefined;
  return planned?.declared === true && planned.entry === null && planned.plain_location === null;
}
