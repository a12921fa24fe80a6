import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import type { Registry } from "../../core/port/registry.ts";
import type { MarkLog } from "../../core/port/session-log.ts";
import { createRegistry } from "../create-registry.ts";
import { findMoved } from "../moved-places.ts";
import { connect } from "./connection.ts";
import { openForReading, openForWriting } from "./open-database.ts";
import { identifyFolder, readHomes, recordHome } from "./record-home.ts";
import { createSqliteTables } from "./tables.ts";

const DISK = {
  lookAt: identifyFolder,
  isThere: (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
};

export interface OpenOptions {
  readOnly?: boolean;
  /** Marks what this process logs. Default: it is not marked. */
  markLog?: MarkLog | undefined;
}

/**
 * Opens the registry in the file at `path`, which is made if it is not there, unless `readOnly`.
 * Any number of processes may have it open and write; reads never wait.
 * Throws RegistryError, here and in every method, if the file can't be used.
 */
export function openSqliteRegistry(path: string, { readOnly = false, markLog }: OpenOptions = {}): Registry {
  const connection = connect(path, readOnly ? openForReading : openForWriting);
  try {
    if (!readOnly) recordHome(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  const here = identifyFolder(dirname(connection.path));
  const moved = here === null ? null : findMoved(readHomes(connection), here, DISK);
  return createRegistry(createSqliteTables(connection), { moved, markLog });
}
