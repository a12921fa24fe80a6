import { existsSync } from "node:fs";
import type { Registry, RegistryReader } from "../core/port/registry.ts";
import { openSqliteRegistry } from "../record/sqlite/registry.ts";
import { type LocateOptions, locateState } from "./locate-state.ts";

/** Where planning looks up earlier runs, if a workflow names any. */
export interface RegistrySource {
  /** For messages. */
  path: string;
  /** Null if there is no registry. Throws RegistryError. */
  open(): RegistryReader | null;
  close(): void;
}

/** The registry that a run would use, opened for questions when it is first needed. Makes nothing. */
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

/** A registry that is open already, and is closed by whoever opened it. */
export function sourceOf(reader: RegistryReader, path: string): RegistrySource {
  return { path, open: () => reader, close: () => {} };
}
