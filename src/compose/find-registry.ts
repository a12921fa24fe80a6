import { existsSync } from "node:fs";
import { ExplainError } from "../explain/explain-error.ts";
import { refuseDeadLink } from "../record/sqlite/open-database.ts";
import { type LocateOptions, locateState, type StateLocation } from "./locate-state.ts";

/** Finds the state folder of earlier sessions. Throws ExplainError (`no-registry`) if there are none yet, RegistryError for a dead link. */
export function findRegistry(options: LocateOptions): StateLocation {
  const state = locateState(options);
  if (existsSync(state.registry)) return state;
  refuseDeadLink(state.registry);
  const hint = "run a workflow first, or name the registry's folder with --registry";
  throw new ExplainError("no-registry", `there is no registry at ${state.registry}`, hint);
}
