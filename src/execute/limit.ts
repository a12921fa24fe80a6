import type { Resources } from "../core/resources.ts";
import { Admission, type AdmissionLimits } from "./admission.ts";

/** Runs work, at most so much of it at once; the rest waits in order. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** A limit of `slots` at once. */
export function createLimit(slots: number): Limit {
  let free = slots;
  const waiting: (() => void)[] = [];
  const enter = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

/** Runs the work of one run when its turn has come. */
export type Gate = <T>(entry: { run: string; resources: Resources }, work: () => Promise<T>) => Promise<T>;

/** A gate for runs that come one by one: as many at once as slots and resources allow, in the order of `Admission`. */
export function createGate(limits: AdmissionLimits): Gate {
  const admission = new Admission(limits);
  const turns = new Map<string, () => void>();
  const admit = () => {
    for (const run of admission.admit()) turns.get(run)?.();
  };
  return async ({ run, resources }, work) => {
    admission.expect(run, resources);
    admission.enqueue(run);
    const turn = new Promise<void>((resolve) => turns.set(run, resolve));
    admit();
    await turn;
    try {
      return await work();
    } finally {
      turns.delete(run);
      admission.release(run);
      admit();
    }
  };
}
