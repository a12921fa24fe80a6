import { existsSync } from "node:fs";
import type { Registry, RegistryReader } from "../core/port/registry.ts";
import { openSqliteRegistry } from "../record/sqlite/registry.ts";
import { type LocateOptions, locateState } from "./locate-state.ts";

/** Registry in which planning looks up earlier runs, if a workflow names any. */
export interface RegistrySource {
  /** Path for messages. */
  path: string;
  /** Null if there is no registry. Throws RegistryError. */
  open(): RegistryReader | null;
  close(): void;
}

/** Finds the registry that a run would use; it is opened for questions when it is first needed. Makes no folder. */
export function lookForRegistry(options: LocateOptions): RegistrySource {
  const { registry: path } = locateState(options);
  let opened: Registry | null = null;
  return {
    path,
    open: () => {
      if (existsSync(path)) opened ??= openSqliteRegistry(path, { readOnly: true });
      return opened;
    },
    close: () => opened?.close(),
  };
}

/** Wraps a registry that is open already, and that its opener closes. */
export function sourceOf(reader: RegistryReader, path: string): RegistrySource {
  return { path, open: () => reader, close: () => {} };
}
