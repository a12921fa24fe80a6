import type { Json } from "../../core/run.ts";
import { formatCanonical } from "../canonical-json.ts";
import { type Arm, hasValues } from "./matrix.ts";

/** One run of an expanded definition. */
export interface NamedArm {
  run: string;
  arm: Arm;
}

/** Finds arms by some of their values, each combination of keys indexed once: 100,000 arms may each pick another one. */
export type ArmFinder = (where: Record<string, Json>) => readonly NamedArm[];

export function createArmFinder(arms: readonly NamedArm[]): ArmFinder {
  const indexes = new Map<string, Map<string, NamedArm[]>>();
  return (where) => {
    const keys = Object.keys(where).sort();
    const signature = JSON.stringify(keys);
    const index = indexes.get(signature) ?? Map.groupBy(arms, ({ arm }) => formatKeyed(arm, keys));
    indexes.set(signature, index);
    return index.get(formatKeyed(where, keys)) ?? [];
  };
}

/** The arm that has most of the wanted values, text and number taken for the same; null if none has any. */
export function findNearestArm(arms: readonly NamedArm[], where: Record<string, Json>): NamedArm | null {
  let nearest: NamedArm | null = null;
  let most = 0;
  for (const candidate of arms) {
    const score = Object.entries(where).reduce((sum, [key, value]) => sum + likeness(candidate.arm[key], value), 0);
    if (score > most) [nearest, most] = [candidate, score];
  }
  return nearest;
}

function likeness(own: Json | undefined, wanted: Json): number {
  if (own === undefined) return 0;
  if (hasValues({ own }, { own: wanted })) return 1;
  return String(own) === String(wanted) ? 0.9 : 0;
}

/** A missing key is `-`, which is no JSON. */
function formatKeyed(values: Record<string, Json>, keys: readonly string[]): string {
  return keys.map((key) => formatValue(values[key])).join("\n");
}

function formatValue(value: Json | undefined): string {
  return value === undefined ? "-" : formatCanonical(value);
}
