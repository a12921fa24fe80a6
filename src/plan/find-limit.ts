import { RESOURCE_KINDS, type Resources } from "../core/resources.ts";
import type { Plan } from "./plan.ts";

/** What the runs together may take at a time, of what they take; null if none takes anything, or nothing limits them. */
export function findLimit({ runs, capacity }: Plan): Resources | null {
  if (capacity === null) return null;
  const isTaken = runs.some(({ resources }) => RESOURCE_KINDS.some((kind) => resources[kind] > 0));
  return isTaken ? capacity : null;
}
