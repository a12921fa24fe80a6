import type { FrozenInput } from "../plan/plan.ts";

/** Why something that a run is to be given can't be had. */
export interface FreezeFault {
  code: string;
  message: string;
  hint: string;
}

/** What came of looking at something from outside the session. */
export type Freezing = { ok: true; input: FrozenInput } | RejectedFreezing;

export interface RejectedFreezing {
  ok: false;
  fault: FreezeFault;
}

export function rejectFreezing(code: string, message: string, hint: string): RejectedFreezing {
  return { ok: false, fault: { code, message, hint } };
}
