import type { Json } from "../core/run.ts";
import { formatCanonical, isSameJson } from "./canonical-json.ts";
import type { Arm } from "./expand/matrix.ts";

/** A run as `consumes` has to name it, and as far as need be the dataset there. */
interface Source {
  run: string;
  arm: Arm;
  /** Keys that stand beside the run's name, written already. */
  more?: readonly string[];
}

/**
 * Formats the value after `dataset:` below `consumes`: `prep`, or `{ run: train, where: { seed: 1 } }`. A value that
 * the reader's own matrix has on that axis is written as `"${matrix.KEY}"`.
 */
export function formatSource({ run, arm, more = [] }: Source, reader: Arm): string {
  const axes = Object.entries(arm).map(([key, value]) => `${formatKey(key)}: ${formatValue(key, value, reader)}`);
  const keys = [...more, ...(axes.length === 0 ? [] : [`where: { ${axes.join(", ")} }`])];
  return keys.length === 0 ? run : `{ ${[`run: ${run}`, ...keys].join(", ")} }`;
}

/** True if the reader's own matrix alone selects the arm. */
export function isFollowed(arm: Arm, reader: Arm): boolean {
  return Object.entries(arm).every(([key, value]) => follows(key, value, reader));
}

function formatValue(key: string, value: Json, reader: Arm): string {
  return follows(key, value, reader) ? `"\${matrix.${key}}"` : formatCanonical(value);
}

function follows(key: string, value: Json, reader: Arm): boolean {
  const own = Object.hasOwn(reader, key) ? reader[key] : undefined;
  return own !== undefined && isSameJson(own, value);
}

function formatKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : JSON.stringify(key);
}
