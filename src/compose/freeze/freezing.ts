import type { FrozenInput } from "../../plan/plan.ts";

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

/** Nothing has run yet where this workflow keeps its records; `what` is for people. */
export function rejectRegistry({ path }: { path: string }, what: string): RejectedFreezing {
  const hint = "name the registry's folder with --registry or RUNWEAVE_REGISTRY";
  return rejectFreezing("no-registry", `there is no registry at ${path} to look up ${what} in`, hint);
}
