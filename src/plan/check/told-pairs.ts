import type { Access } from "../places/place-map.ts";

type Subject = Pick<Access, "run" | "dataset">;

/** Pairs of declared runs whose conflicting writes were reported already. */
export interface ToldPairs {
  add(one: Subject, other: Subject): void;
  has(one: Subject, other: Subject): boolean;
}

export function createToldPairs(): ToldPairs {
  const told = new Set<string>();
  return {
    add(one, other) {
      told.add(keyOf(one, other)).add(keyOf(other, one));
    },
    has: (one, other) => told.has(keyOf(one, other)),
  };
}

function keyOf(one: Subject, other: Subject): string {
  return JSON.stringify([one, other].map(({ run, dataset }) => [run.definition.name, dataset]));
}

/** Arms of one matrix can't wait for each other: they need places of their own. */
export function areArms(one: Pick<Access, "run">, other: Pick<Access, "run">): boolean {
  return one.run.definition.name === other.run.definition.name;
}

export const ARM_PATHS =
  "give each variant its own path: use `runtime_params` in the catalog, and another value in the `params` of each";
