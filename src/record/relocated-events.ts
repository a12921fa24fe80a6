import type { RunEvent } from "../core/event/event.ts";
import { type MovedPlaces, relocateVersion, toPresent } from "./moved-places.ts";

/** Fields of events that are places of the project. */
const PLACES = ["location", "outputs_location", "workflow_file", "project_path"] as const;

/** An event as it is to be read after the project was renamed. Its hash is that of what was logged. */
export function relocateEvent(moved: MovedPlaces, event: RunEvent): RunEvent {
  const moment = "run_id" in event && typeof event.run_id === "string" ? event.run_id : event.session_id;
  const places = PLACES.flatMap((name) => {
    const path: unknown = Reflect.get(event, name);
    return typeof path === "string" ? [[name, toPresent(moved, path, moment)]] : [];
  });
  const present = places.length === 0 ? event : ({ ...event, ...Object.fromEntries(places) } as RunEvent);
  if (present.type !== "run.succeeded") return present;
  const outputs = Object.entries(present.outputs).map(([name, version]) => {
    return [name, relocateVersion(moved, version, moment)];
  });
  return { ...present, outputs: Object.fromEntries(outputs) };
}
