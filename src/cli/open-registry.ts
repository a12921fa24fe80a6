import { findRegistry } from "../compose/find-registry.ts";
import { type ReservedAct, withReserve } from "../compose/home/space-reserve.ts";
import { warnOfMove } from "../compose/home/state-warnings.ts";
import type { StateLocation } from "../compose/locate-state.ts";
import type { Problem } from "../core/error/problem.ts";
import type { Registry, RegistryReader } from "../core/port/registry.ts";
import { openSqliteRegistry } from "../record/sqlite/registry.ts";
import { outliveReader } from "./outlives-reader.ts";
import { writeWarnings } from "./write-warnings.ts";

export interface RegistryFlag {
  registry?: string | undefined;
}

function stateOf({ registry }: RegistryFlag): StateLocation {
  return findRegistry({ registry, environment: process.env, from: process.cwd() });
}

/** Opens the registry of earlier sessions to add to it. */
export async function writeRegistry<T>(
  flags: RegistryFlag,
  work: (registry: Registry, state: StateLocation) => Promise<T>,
  warn: (registry: Registry, state: StateLocation) => Problem[] = warnOfMove,
): Promise<T> {
  const state = stateOf(flags);
  outliveReader();
  const registry = openSqliteRegistry(state.registry);
  try {
    writeWarnings(warn(registry, state));
    return await work(registry, state);
  } finally {
    registry.close();
  }
}

/** Opens the registry likewise, for commands that free space: on a full disk too. */
export async function freeWithRegistry<T>(
  flags: RegistryFlag,
  act: ReservedAct,
  work: (registry: Registry, state: StateLocation) => Promise<T>,
): Promise<T> {
  return await withReserve(stateOf(flags).root, act, () => writeRegistry(flags, work));
}

/** Opens the registry for questions; an unwritable one will do. */
export function readRegistry<T>(flags: RegistryFlag, ask: (reader: RegistryReader, state: StateLocation) => T): T {
  const state = stateOf(flags);
  const reader = openSqliteRegistry(state.registry, { readOnly: true });
  try {
    writeWarnings(warnOfMove(reader, state));
    return ask(reader, state);
  } finally {
    reader.close();
  }
}

/** Likewise, for what takes its time. */
export async function readRegistryAsync<T>(
  flags: RegistryFlag,
  ask: (reader: RegistryReader, state: StateLocation) => Promise<T>,
): Promise<T> {
  const state = stateOf(flags);
  const reader = openSqliteRegistry(state.registry, { readOnly: true });
  try {
    writeWarnings(warnOfMove(reader, state));
    return await ask(reader, state);
  } finally {
    reader.close();
  }
}
