import { RESOURCE_KINDS, type Resources } from "../core/resources.ts";
import type { Plan } from "./plan.ts";

/** Finds the limit on resources that the runs together take at a time; null if none takes any, or there is no limit. */
export function findLimit({ runs, capacity }: Plan): Resources | null {
  if (capacity === null) return null;
  const isTaken = runs.some(({ resources }) => RESOURCE_KINDS.some((kind) => resources[kind] > 0));
  return isTaken ? capacity : null;
}
