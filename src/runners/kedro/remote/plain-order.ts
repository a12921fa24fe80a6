import { environmentError } from "../../../core/error/environment-error.ts";
import type { PlainObject, PublishedState } from "../../../core/port/plain-storage.ts";
import type { RemotePlace } from "../../../core/port/remote-storage.ts";
import type { RunId } from "../../../core/run-id.ts";
import { hasShape, isListOf, isOneOf, isText, orNull } from "../../shape.ts";

/** Order in the protocol's form: what is done at the plain places of a version's storage. */
export interface PlainOrder extends RemotePlace {
  action: "look" | "keep" | "copy" | "judge" | "undo";
  run_id: RunId;
  target?: string;
  files?: readonly { path: string; hash?: string; former?: string | null; kept: string | null }[];
}

export interface PlainAnswer {
  files: PlainObject[];
  states: PublishedState[];
}

const isFiles = isListOf(hasShape<PlainObject>({ path: isText, hash: isText, former: orNull(isText) }));
const isStates = isListOf<PublishedState>(isOneOf("published", "as-before", "changed", "former-lost"));

/** Throws EnvironmentError for what is not in the protocol. */
export function readPlainAnswer({ files = [], states = [] }: Record<string, unknown>): PlainAnswer {
  if (isFiles(files) && isStates(states)) return { files, states };
  throw environmentError(
    "worker-broken",
    "the worker's answer about plain places is not in the protocol",
    "report this",
  );
}
