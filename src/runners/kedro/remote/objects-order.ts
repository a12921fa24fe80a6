import { environmentError } from "../../../core/error/environment-error.ts";
import type { RemotePlace } from "../../../core/port/remote-storage.ts";
import type { RunId } from "../../../core/run-id.ts";
import { isNumber } from "../../shape.ts";

/** Order in the protocol's form: what is done with all below a place of an attempt's own. */
export interface ObjectsOrder extends RemotePlace {
  action: "look" | "move" | "remove";
  run_id: RunId;
  target?: string;
  exact?: boolean;
}

/** `left`: how many objects are still to be done. */
export interface ObjectsAnswer {
  objects: number;
  bytes: number;
  left: number;
}

/** Throws EnvironmentError for what is not in the protocol. */
export function readObjectsAnswer({ objects = 0, bytes = 0, left = 0 }: Record<string, unknown>): ObjectsAnswer {
  if (isNumber(objects) && isNumber(bytes) && isNumber(left)) return { objects, bytes, left };
  throw environmentError("worker-broken", "the worker's answer about objects is not in the protocol", "report this");
}
