import type { RunEvent } from "../core/event/event.ts";
import { isMapping } from "../core/json.ts";
import type { VersionRecord } from "../core/run.ts";
import { type MovedPlaces, relocateVersion, toPresent } from "./moved-places.ts";

/** Fields of events that are places of the project. */
const PLACES = ["location", "outputs_location", "workflow_file", "project_path"] as const;

/** An event as it is to be read after the project was renamed. Its hash is that of what was logged. One that was changed by hand stays as it is. */
export function relocateEvent(moved: MovedPlaces, event: RunEvent): RunEvent {
  if (!isMapping(event)) return event;
  const moment = "run_id" in event && typeof event.run_id === "string" ? event.run_id : event.session_id;
  const places = PLACES.flatMap((name) => {
    const path: unknown = Reflect.get(event, name);
    return typeof path === "string" ? [[name, toPresent(moved, path, moment)]] : [];
  });
  const present = places.length === 0 ? event : ({ ...event, ...Object.fromEntries(places) } as RunEvent);
  if (present.type !== "run.succeeded") return present;
  if (!isMapping(present.outputs)) return present;
  const outputs = Object.entries(present.outputs).map(([name, version]) => {
    return [name, isVersion(version) ? relocateVersion(moved, version, moment) : version];
  });
  return { ...present, outputs: Object.fromEntries(outputs) };
}

/** False for a version that was changed by hand: `verify` tells of it, and reading it must not fail. */
function isVersion(version: VersionRecord): boolean {
  if (!isMapping(version)) return false;
  const { location, plain_location, entry } = version;
  const isPlace = typeof location === "string" && (plain_location === null || typeof plain_location === "string");
  return isPlace && (entry === null || (isMapping(entry) && isMapping(entry.config)));
}
