import type { Hold } from "../core/hold.ts";
import { describeOwner } from "../core/ownership.ts";
import type { SharedPlace } from "../core/place.ts";
import { hostName } from "./host.ts";
import { checkProcess } from "./identity.ts";

/** `train of session 2026..., which writes /data/x.csv`, or `gc (process 42 on vm-1)`: who has to be waited for, for people. */
export function describeHold({ act, session_id, run, owner }: Hold, place?: SharedPlace): string {
  if (session_id === null) return `\`runweave ${act}\` (${describeOwner(owner)})`;
  const what = place?.access === "read" ? "reads" : "writes";
  const which = place === undefined ? "" : `, which ${what} ${place.path}`;
  const who = run === null ? `the ${act} of session ${session_id}` : `${run} of session ${session_id}`;
  const isCutOff = owner.host === hostName() && checkProcess(owner) === "gone";
  if (!isCutOff) return `${who}${which}`;
  return `${who}${which}: the session was cut off, and processes of it still run; \`runweave resume ${session_id}\` sees to them`;
}
