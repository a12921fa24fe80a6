import type { GivenRead } from "../../core/read.ts";

/** Reason why an input of a run is not available. */
export interface FreezeFault {
  code: string;
  message: string;
  hint: string;
}

/** Outcome of freezing an input from outside the session. */
export type Freezing = { ok: true; input: GivenRead } | RejectedFreezing;

export interface RejectedFreezing {
  ok: false;
  fault: FreezeFault;
}

export function rejectFreezing(code: string, message: string, hint: string): RejectedFreezing {
  return { ok: false, fault: { code, message, hint } };
}

/** Refuses an input from a registry that has no run yet; `what` is for people. */
export function rejectRegistry({ path }: { path: string }, what: string): RejectedFreezing {
  const hint = "name the registry's folder with --registry or RUNWEAVE_REGISTRY";
  return rejectFreezing("no-registry", `there is no registry at ${path} to look up ${what} in`, hint);
}
